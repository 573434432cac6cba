import type { Static, TObject, TSchema } from 'typebox';
import type { FieldError } from '../../../../problems/row.ts';
import type { Statement } from '../../../document.ts';

export type EntryKind = 'share' | 'denial' | 'restriction';

/** A statement as a template renders it: compile gives it its Sid. */
export type StatementBody = Omit<Statement, 'Sid'>;

/** The values that go into the packed parameter of one statement: principals, say. */
type Members = readonly string[];

/** Parameters whose types are not known here. What stands in a clause was checked against its template's `parameters`. */
export type Group = Readonly<Record<string, unknown>>;

/**
 * Whom an entry is about, in the words of guardrails and of the judge: one of these, or none; of a service also the
 * account for which it acts.
 */
export type Subject = { principal?: string; account?: string; organization?: string; service?: string };

/** An entry said to people. */
export type Words = {
  /** Whom it is about. */
  who: string;
  /** What it asks for besides; not when it ends. */
  conditions: string[];
};

/** What an entry shows of its parameters, beside `actions` and `expiresAt`. */
type Shown = { conditions: Group; [member: string]: unknown };

/**
 * One way to say something in a policy, and all that is known of it: nothing else names a template. It accepts a request,
 * renders it, reads it back, shows it to callers, and says it in words.
 *
 * `render` and `read` are inverse, and parse holds every template to it: a statement counts as ours only if rendering
 * what was read gives it back (src/policy/entries/parse.ts).
 */
export type Template<P extends TObject, Packed extends keyof Static<P> & string = never> = TemplateOf<
  P,
  Static<P>,
  Omit<Static<P>, Packed>
>;

/**
 * A template whose parameter types are not known: what the index holds. Its methods take a `Group`, which normalise and
 * parse have checked against `parameters` before any is called; TypeScript compares parameters of methods both ways, so
 * that every template is one of these without a cast.
 */
export type AnyTemplate = TemplateOf<TObject, Group, Group>;

type TemplateOf<Schema, Parameters, Shared> = {
  /** Unique; in the URL of /v1/templates/{name} and in the Sid's hash: never change it. */
  name: string;
  kind: EntryKind;
  title: string;
  /** For somebody who is not an IAM expert. */
  description: string;
  /** What a statement may say; closed (no additional properties), each with a description. */
  parameters: Schema;
  /** The parameter whose values share one statement when all else is equal (design: packing); null when none does. */
  packs: (keyof Parameters & string) | null;
  /** The parameters that hold principals: an account in one is written as its root ARN. */
  principals: readonly string[];
  example: Parameters;

  /**
   * Members of the kind's request that it takes, each with a description. A name that several templates take is one
   * member; where they describe it differently, it is one of these descriptions (src/policy/entries/request.ts).
   */
  request: Readonly<Record<string, TSchema>>;
  /** JSON Pointers to the members that mean this template, or its like: a request has exactly one of all of its kind's. */
  chosenBy: readonly string[];
  /**
   * The parameters that a request means, to be checked; undefined when it means a template that is chosen alike.
   * @param request of its kind, with exactly one of the members that choose, which is one of `chosenBy`
   * @throws DomainError validation-failed for what this template is meant by, and can't say
   */
  accepts(request: Group): Group | undefined;
  /** What the schema can't say: parameters that are valid each by itself, and not together. */
  conflict?(parameters: Parameters): FieldError | undefined;

  /** @param members values of the packed parameter, at least one; empty for a template that does not pack */
  render(group: Shared, members: Members): StatementBody[];
  /** Undefined when the statements are not this template's. It may be lenient: parse checks, renders again and compares. */
  read(statements: readonly StatementBody[]): { group: Group; members: Members } | undefined;

  /** Members of an entry that `show` gives, each with a description. */
  shows: Readonly<Record<string, TSchema>>;
  show(parameters: Parameters): Shown;
  /** The inverse of `show`. */
  parametersOf(shown: Shown): Group;

  subject(parameters: Parameters): Subject;
  /** Of a template whose subject is wider than whom it is about: that, by the judge's name (src/access/judge/reader.ts). */
  reader?(parameters: Parameters, partition: string): string;
  words(parameters: Parameters): Words;
  /** What whoever asks for it should know. */
  warnings?(parameters: Parameters): { code: string; message: string }[];
};
