import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSmallFile } from '../files/small-file.ts';
import { createLru } from '../lru.ts';
import { type DetailedError, type PolicyJson, policyToJson, validate } from './cedar.ts';

/** One Cedar policy as its author wrote it. */
export type Guardrail = {
  /** Its `@id("…")`, else FILE:NUMBER. Callers see it in a refusal. */
  id: string;
  effect: 'permit' | 'forbid';
  /** The group of its `@approval("…")`, or the tag of the secret that names it: `@approval("tag:team")`. */
  approval: string | { tag: string } | null;
  /** The actions, and groups of them, of which it may look at tags. */
  tagsOf: 'none' | 'any' | readonly string[];
  /** The attributes of a request's context that it looks at. */
  reads: 'any' | readonly string[];
  /** The same of what the call is about, beside its tags; `any` also where it asks which one that is. */
  readsOfResource: 'any' | readonly string[];
  text: string;
};
export type Guardrails = { byId: ReadonlyMap<string, Guardrail>; warnings: readonly string[] };

/** The language in which guardrails are written: Cedar's schema of our callers, actions, secrets and requests. */
export const schema = readFileSync(new URL('schema.cedarschema', import.meta.url), 'utf8');

/**
 * Reads every `*.cedar` file of a directory and checks each policy against the schema. All or nothing.
 * @throws Error that names file and line: text that is no Cedar, an unknown action or attribute, an `@id` given twice, an
 * `@approval` without a group or on a forbid; also when there is no policy at all, since then nobody may do anything
 */
export function loadGuardrails(directory: string): Guardrails {
  const pieces = namesIn(directory)
    .filter((name) => name.endsWith('.cedar'))
    .sort()
    .flatMap((name) => split(name, join(directory, name)));
  if (pieces.length === 0) throw new Error(`${directory}: no policy in any .cedar file; nobody could do anything`);
  const supplied = SUPPLIED.filter(({ speaksOf }) => !pieces.some(({ text }) => speaksOf.test(text)));
  for (const { name } of supplied) pieces.push(...split(name, join(DEFAULT_POLICIES, name)));
  return checked.get(JSON.stringify(pieces), () => check(directory, pieces));
}

/** What was checked and is in order: a file that was only touched, and another service of the process, need no second look. */
const checked = createLru<Guardrails>(4);

function check(directory: string, pieces: readonly Piece[]): Guardrails {
  const placed = new Map<string, { piece: Piece; guardrail: Guardrail }>();
  for (const piece of pieces) {
    const guardrail = parse(piece);
    const twin = placed.get(guardrail.id);
    if (twin !== undefined) {
      throw new Error(`${at(piece)}: the id ${guardrail.id} is taken by the policy at ${at(twin.piece)}`);
    }
    placed.set(guardrail.id, { piece, guardrail });
  }

  const texts = Object.fromEntries([...placed].map(([id, { piece }]) => [id, piece.text]));
  const answer = validate({ schema, policies: { staticPolicies: texts } });
  if (answer.type === 'failure') throw new Error(`${directory}: ${explain(answer.errors[0])}`);
  const placeOf = ({ policyId, error }: { policyId: string; error: DetailedError }) => {
    const piece = placed.get(policyId)?.piece;
    return `${piece === undefined ? directory : at(piece, error)}: ${explain(error)}`;
  };
  const [first] = answer.validationErrors;
  if (first !== undefined) throw new Error(placeOf(first));
  return {
    byId: new Map([...placed].map(([id, { guardrail }]) => [id, guardrail])),
    warnings: answer.validationWarnings.map(placeOf),
  };
}

/** The policies that ship. Whoever sets POLICIES_DIR starts from a copy of them. */
export const DEFAULT_POLICIES = fileURLToPath(new URL('policies', import.meta.url));

/** What a set of before these actions can't speak of: then the policy that ships holds, as the log of what was loaded says. */
const SUPPLIED = [
  { name: 'accounts.cedar', speaksOf: /"useAccount"/ },
  { name: 'readers.cedar', speaksOf: /"readIdentity"/ },
  { name: 'estate.cedar', speaksOf: /"(?:estate|readEstate|survey)"/ },
  { name: 'requests.cedar', speaksOf: /"requestAccess"/ },
  { name: 'incidents.cedar', speaksOf: /"(?:incident|freeze|evict|lift)"/ },
  { name: 'operations.cedar', speaksOf: /"(?:operate|startOperation|cancelOperation)"/ },
];

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw new Error(`POLICIES_DIR is ${JSON.stringify(directory)}; it takes a directory that can be read.`, { cause });
  }
}

/** One policy's text, and where it starts in its file. */
type Piece = { text: string; path: string; fallbackId: string; source: string; start: number };

/**
 * Cuts a file after each `;` that is in no string and no comment. Cedar can parse a whole file, but then numbers the
 * policies and forgets where they stood; an operator needs names and lines.
 */
function split(name: string, path: string): Piece[] {
  const source = readSmallFile(path);
  const ends = [...source.matchAll(/\/\/[^\n]*|"(?:[^"\\]|\\.)*"|;/gs)]
    .filter(([token]) => token === ';')
    .map(({ index }) => index + 1);
  const starts = [0, ...ends];
  return starts
    .map((start, index) => ({ start, text: source.slice(start, ends[index]) }))
    .filter(({ text }) => text.replaceAll(/\/\/[^\n]*/g, '').trim() !== '')
    .map(({ start, text }, index) => ({ text, path, fallbackId: `${name}:${index + 1}`, source, start }));
}

function parse(piece: Piece): Guardrail {
  const answer = policyToJson(piece.text);
  if (answer.type === 'failure') throw new Error(`${at(piece, answer.errors[0])}: ${explain(answer.errors[0])}`);
  const { effect, annotations } = answer.json;
  const common = {
    ...{ effect, tagsOf: tagsReadBy(answer.json, piece.text), text: piece.text },
    reads: readBy('context', answer.json),
    readsOfResource: answer.json.resource.op === 'All' ? readBy('resource', answer.json) : ('any' as const),
  };
  const id = annotationOf(answer.json, 'id') ?? piece.fallbackId;
  if (!/^[\w.:-]{1,100}$/.test(id)) {
    throw new Error(`${at(piece)}: @id takes 1 to 100 letters, digits and the signs _ . : -, not "${id}"`);
  }
  if (annotations === undefined || !('approval' in annotations)) return { ...common, id, approval: null };
  const named = annotationOf(answer.json, 'approval') ?? '';
  const [, tag] = /^tag:(.*)$/s.exec(named) ?? [];
  if (named === '' || tag === '')
    throw new Error(`${at(piece)}: @approval needs the group that approves: @approval("security")`);
  if (effect === 'forbid') {
    throw new Error(`${at(piece)}: @approval belongs on a permit; a forbid can't be lifted by an approval`);
  }
  if (tag === undefined) return { ...common, id, approval: named };
  return { ...common, id, approval: { tag }, tagsOf: actionsOf(answer.json) };
}

function tagsReadBy({ action }: PolicyJson, text: string): Guardrail['tagsOf'] {
  return /\.(?:has|get)Tag\b/.test(text) ? actionsOf({ action }) : 'none';
}

/** `context.NAME` and `context has NAME` wherever they stand; whoever looks at the context as a whole may look at any. */
function readBy(variable: 'context' | 'resource', { conditions }: PolicyJson): 'any' | string[] {
  const found = new Set<string>();
  const isIt = (expression: unknown) => isRecord(expression) && expression['Var'] === variable;
  function look(expression: unknown): boolean {
    if (isIt(expression)) return false;
    if (Array.isArray(expression)) return expression.every(look);
    if (!isRecord(expression)) return true;
    return Object.entries(expression).every(([operator, operands]) => {
      if (!isRecord(operands) || !isIt(operands['left'])) return look(operands);
      if (operator === 'hasTag' || operator === 'getTag') return look(operands['right']);
      if (operator !== '.' && operator !== 'has') return false;
      found.add(String(operands['attr']));
      return typeof operands['attr'] === 'string';
    });
  }
  return look(conditions) ? [...found] : 'any';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The actions, and groups of them, that a policy is about. */
function actionsOf({ action }: Pick<PolicyJson, 'action'>): Guardrail['tagsOf'] {
  if (action.op === 'All') return 'any';
  const entities = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  return entities.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
}

/** Cedar gives null for an annotation without a value, although its types say string. */
const annotationOf = (policy: PolicyJson, name: string): string | undefined =>
  (policy.annotations?.[name] as string | null | undefined) ?? undefined;

/** `file:line`: of the error when Cedar places it (in bytes of the policy's text), else of the policy's first line. */
function at(piece: Piece, error?: DetailedError): string {
  const bytes = error?.sourceLocations?.[0]?.start;
  const within =
    bytes === undefined
      ? piece.text.search(/(?<=^|\n)[ \t]*[^\s/]/)
      : Buffer.from(piece.text).subarray(0, bytes).toString().length;
  return `${piece.path}:${piece.source.slice(0, piece.start + Math.max(0, within)).split('\n').length}`;
}

function explain(error: DetailedError | undefined): string {
  if (error === undefined) return 'not a valid policy';
  const label = error.sourceLocations?.[0]?.label;
  return [error.message, label, error.help].filter((part) => part !== null && part !== undefined).join('; ');
}
