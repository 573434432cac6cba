import Type, { type TSchema } from 'typebox';
import { listed } from '../../english.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Entry } from './entry.ts';
import { templates } from './templates/index.ts';
import type { AnyTemplate, EntryKind, Group } from './templates/kinds/template.ts';

/** Requests for shares, denials and restrictions: what the templates of a kind take together, and which one is meant. */

type Members = Record<string, TSchema>;

export const templatesOf = (kind: EntryKind): AnyTemplate[] => templates.filter((template) => template.kind === kind);

/** JSON Pointers to the members of which a request has exactly one: each means a template, or a few that are alike. */
const choicesOf = (kind: EntryKind): string[] => [...new Set(templatesOf(kind).flatMap(({ chosenBy }) => chosenBy))];

/** The same in words: `principal` and `organization`. */
export const choicesInWords = (kind: EntryKind): string =>
  listed(choicesOf(kind).map((pointer) => `\`${nameOf(pointer)}\``));

/** The members of a request that choose, by name: `principal`, `organization`, …; `boundary` of a restriction. */
export const choosingMembers = (kind: EntryKind): string[] => [
  ...new Set(choicesOf(kind).map((pointer) => segmentsOf(pointer)[0] ?? '')),
];

/** The members of a kind's request, those that choose first. A single one that chooses is required, all others are not. */
export function requestMembers(kind: EntryKind): Members {
  const members = unite(templatesOf(kind).map(({ request }) => request));
  const choosing = choosingMembers(kind);
  const isRequired = (name: string) => choosing.length === 1 && choosing.includes(name);
  const ordered = [...choosing, ...Object.keys(members).filter((name) => !choosing.includes(name))];
  return Object.fromEntries(
    ordered.flatMap((name) => {
      const schema = members[name];
      return schema === undefined ? [] : [[name, isRequired(name) ? schema : Type.Optional(schema)]];
    }),
  );
}

/** Those of them that choose. */
export const choosingSchemas = (kind: EntryKind): Members => {
  const choosing = choosingMembers(kind);
  return Object.fromEntries(Object.entries(requestMembers(kind)).filter(([name]) => choosing.includes(name)));
};

/** The members by which entries differ from template to template, all optional. */
export const shownMembers = (): Members =>
  Object.fromEntries(
    Object.entries(unite(templates.map(({ shows }) => shows))).map(([name, schema]) => [name, Type.Optional(schema)]),
  );

/** Templates that take a member of one name either describe it alike, or it is one of their descriptions. */
function unite(some: readonly Readonly<Members>[]): Members {
  const names = new Set(some.flatMap(Object.keys));
  return Object.fromEntries(
    [...names].map((name) => {
      const schemas = some.flatMap((members) => members[name] ?? []);
      const distinct = new Map(schemas.map((schema) => [canonicalJson(schema), schema]));
      const [first = Type.Never(), ...others] = distinct.values();
      return [name, others.length === 0 ? first : Type.Unsafe<unknown>({ oneOf: [first, ...others] })];
    }),
  );
}

/** The request that makes this entry again; what it leaves out is the default. */
export function requestOf({ conditions, actions, expiresAt, ...shown }: Entry, template: AnyTemplate): Group {
  const said: Group = { ...shown, ...conditions, actions, expiresAt };
  const isSaid = (value: unknown) => value != null && value !== false && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    Object.keys(template.request).flatMap((name) => (isSaid(said[name]) ? [[name, said[name]]] : [])),
  );
}

type Accepted = {
  template: AnyTemplate;
  parameters: Group;
  /** The request with what it left to defaults. */
  request: Group;
};

/**
 * Finds the template that a request means.
 * @throws DomainError validation-failed when it means none or several, or says what does not go together
 */
export function accept(kind: EntryKind, asked: Group): Accepted {
  const given = choicesOf(kind).filter((pointer) => valueAt(asked, pointer) !== undefined);
  const [chosen] = given;
  if (chosen === undefined || given.length > 1) throw notExactlyOne(kind);
  for (const template of templatesOf(kind).filter(({ chosenBy }) => chosenBy.includes(chosen))) {
    const request = withDefaults(template, asked);
    const parameters = template.accepts(request);
    if (parameters === undefined) continue;
    assertKnown(template, request, chosen);
    return { template, parameters, request };
  }
  throw refused(`No ${kind} can be made of this.`, chosen, 'does not go with the other members');
}

function withDefaults({ request }: AnyTemplate, asked: Group): Group {
  const defaults = Object.entries(request).flatMap(([name, schema]) =>
    'default' in schema ? [[name, schema.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...asked };
}

/** Other templates of the kind may take a member that this one doesn't: it would say nothing. */
function assertKnown(template: AnyTemplate, request: Group, chosen: string): void {
  const stray = Object.keys(request).find((name) => request[name] !== undefined && !(name in template.request));
  if (stray === undefined) return;
  throw refused(`${template.title}: ${stray} says nothing there.`, `/${stray}`, `does not go with ${nameOf(chosen)}`);
}

function notExactlyOne(kind: EntryKind): DomainError {
  const choices = choicesOf(kind);
  const names = listed(choices.map(nameOf));
  const path = (choices[0] ?? '').split('/').slice(0, -1).join('/');
  return refused(
    `Say what the ${kind} is about by exactly one of ${names}.`,
    path,
    `must have exactly one of ${names}`,
  );
}

const refused = (why: string, path: string, message: string) =>
  new DomainError('validation-failed', { why, errors: [{ path, message }] });

const segmentsOf = (pointer: string): string[] => pointer.split('/').slice(1);
const nameOf = (pointer: string): string => segmentsOf(pointer).at(-1) ?? '';

const valueAt = (value: unknown, pointer: string): unknown =>
  segmentsOf(pointer).reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, name)
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined,
    value,
  );
