import type { Static, TObject } from 'typebox';
import type { FieldError } from '../../../problems/problem.ts';
import type { Statement } from '../../document.ts';

export type EntryKind = 'share' | 'denial' | 'restriction';

/** A statement as a template renders it: compile gives it its Sid. */
export type StatementBody = Omit<Statement, 'Sid'>;

/** The values that go into the packed parameter of one statement: principals, say. */
export type Members = readonly string[];

/**
 * One way to say something in a policy. `render` and `read` are inverse, and parse holds every template to it: a
 * statement counts as ours only if rendering what was read gives it back (src/policy/entries/parse.ts).
 */
export type Template<P extends TObject = TObject, Packed extends keyof Static<P> & string = never> = {
  /** Unique; in the URL of /v1/templates/{name} and in the Sid's hash: never change it. */
  name: string;
  kind: EntryKind;
  title: string;
  /** For somebody who is not an IAM expert. */
  description: string;
  /** What a request may set; closed (no additional properties), each with a description. */
  parameters: P;
  /** The parameter whose values share one statement when all else is equal (design: packing); null when none does. */
  packs: Packed | null;
  example: Static<P>;
  /** What the schema can't say: parameters that are valid each by itself, and not together. */
  conflict?(parameters: Static<P>): FieldError | undefined;
  /** @param members values of the packed parameter, at least one; empty for a template that does not pack */
  render(group: Omit<Static<P>, Packed>, members: Members): StatementBody[];
  /** Undefined when the statements are not this template's. It may be lenient: parse renders again and compares. */
  read(statements: readonly StatementBody[]): { group: Omit<Static<P>, Packed>; members: Members } | undefined;
};

/** A template whose parameter types are not known: what the index holds. `group` is checked against `parameters`. */
export type AnyTemplate = Omit<Template, 'render' | 'read' | 'packs' | 'example' | 'conflict'> & {
  packs: string | null;
  example: Record<string, unknown>;
  conflict?(parameters: Group): FieldError | undefined;
  render(group: Group, members: Members): StatementBody[];
  read(statements: readonly StatementBody[]): { group: Group; members: Members } | undefined;
};
export type Group = Readonly<Record<string, unknown>>;

/** Keeps the parameter types while a template is written, and forgets them for the index. */
export function defineTemplate<P extends TObject, Packed extends keyof Static<P> & string = never>(
  template: Template<P, Packed>,
): AnyTemplate {
  return template as unknown as AnyTemplate;
}
