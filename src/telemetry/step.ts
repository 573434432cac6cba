import { DomainError } from '../problems/problem.ts';

/** What takes time on the write path and can fail: what metrics time and traces show. */
export type Step = {
  name: 'aws call' | 'audit append' | 'lock wait' | 'cycle';
  /** The IAM action that an AWS call needs, for example `secretsmanager:PutResourcePolicy`. */
  operation?: string;
  facts?: StepFacts;
  /** What the step is done for, when that is not what it was begun in: a cycle does the changes of several requests. */
  causes?: readonly object[];
};
/** Names are those of OpenTelemetry's semantic conventions where it has one. */
export type StepFacts = Readonly<Record<string, string | number>>;

/** A step under way, for what is known only later. */
export type OpenStep = {
  note(facts: StepFacts): void;
  /** W3C Trace Context for whoever is called next; undefined when nothing is traced. */
  readonly traceparent: string | undefined;
};

/** Looks on while a step runs. It changes neither result nor error. */
export type Around = <T>(step: Step, work: (open: OpenStep) => Promise<T>) => Promise<T>;

/** How a step ended, in a bounded set of words: a problem code, or `error`. */
export const outcomeOf = (error: unknown): string => (error instanceof DomainError ? error.code : 'error');
