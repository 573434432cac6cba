import { Compile } from 'typebox/schema';
import { canonicalJson } from '../../json/canonical-json.ts';
import { DomainError } from '../../problems/problem.ts';
import type { FieldError } from '../../problems/row.ts';
import { asArray } from '../document.ts';
import { parsePrincipal } from '../principals/principal.ts';
import { unnameable } from '../principals/unnameable.ts';
import { whyNoPrincipal } from '../principals/why-no-principal.ts';
import { texts } from './templates/kinds/share-conditions.ts';
import type { AnyTemplate, Group } from './templates/kinds/template.ts';

/**
 * Checks parameters against the template's schema and brings them to their one form: root ARNs for accounts, sorted
 * lists without duplicates, whole seconds of UTC.
 * @throws DomainError validation-failed, principal-not-nameable, partition-mismatch
 */
export function normalise(
  template: AnyTemplate,
  parameters: Group,
  partition: string,
): { group: Group; member: string | null } {
  // Before the schema, which would say less.
  for (const name of template.principals) for (const text of texts(parameters[name])) assertNameable(text, name);
  const faults = faultsOf(template, parameters);
  if (faults.length > 0) {
    throw new DomainError('validation-failed', {
      why: `These are not parameters of the template ${template.name}.`,
      errors: faults,
    });
  }
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, normaliseValue(template, name, value, partition)]),
  );
  if (template.packs === null) return { group: values, member: null };
  const { [template.packs]: member, ...group } = values;
  return { group, member: String(member) };
}

/** Whether these are parameters that normalise would take and leave as they are, but for the order of lists. */
export function isNormal(template: AnyTemplate, parameters: Group, partition: string): boolean {
  if (!validatorOf(template).Check(parameters) || template.conflict?.(parameters) !== undefined) return false;
  return Object.entries(parameters).every(([name, value]) => {
    if (template.principals.includes(name)) return texts(value).every(isArnOf(partition));
    return !isInstant(template, name) || wholeSeconds(String(value)) === value;
  });
}

const isArnOf = (partition: string) => (text: string) => {
  const principal = parsePrincipal(text, partition);
  return principal?.partition === partition && principal.arn === text;
};

function faultsOf(template: AnyTemplate, parameters: Group): FieldError[] {
  const validator = validatorOf(template);
  if (!validator.Check(parameters)) {
    return validator.Errors(parameters)[1].map((fault) => ({ path: fault.instancePath, message: fault.message }));
  }
  return asArray(template.conflict?.(parameters)).slice();
}

function normaliseValue(template: AnyTemplate, name: string, value: unknown, partition: string): unknown {
  if (template.principals.includes(name)) {
    const arns = texts(value).map((text) => principalArn(text, name, partition));
    return Array.isArray(value) ? [...new Set(arns)].sort() : arns[0];
  }
  if (isInstant(template, name)) return instant(String(value), name);
  return Array.isArray(value) ? sorted(value) : value;
}

/** Without duplicates; objects by their canonical JSON. */
function sorted(values: readonly unknown[]): unknown[] {
  if (!values.some((value) => typeof value === 'object')) return [...new Set(values)].sort();
  const byText = new Map(values.map((value) => [canonicalJson(value), value]));
  return [...byText.keys()].sort().map((text) => byText.get(text));
}

const isInstant = ({ parameters }: AnyTemplate, name: string): boolean => {
  const schema = parameters.properties[name];
  return schema !== undefined && 'format' in schema && schema.format === 'date-time';
};

/**
 * The ARN of a principal as a caller wrote it: an account id becomes the account's root ARN.
 * @throws DomainError validation-failed, principal-not-nameable, partition-mismatch
 */
export function principalArn(text: string, parameter: string, partition: string): string {
  assertNameable(text, parameter);
  const principal = parsePrincipal(text, partition);
  if (principal === undefined) {
    throw new DomainError('validation-failed', {
      why: `“${text}” is not a principal that a secret’s policy can name: it ${whyNoPrincipal(text)}.`,
      errors: [{ path: `/${parameter}`, message: whyNoPrincipal(text) }],
    });
  }
  if (principal.partition !== partition) {
    throw new DomainError('partition-mismatch', { principal: principal.arn, partition });
  }
  return principal.arn;
}

function assertNameable(text: string, parameter: string): void {
  const found = unnameable(text);
  if (found === undefined) return;
  throw new DomainError('principal-not-nameable', {
    ...found,
    errors: [{ path: `/${parameter}`, message: 'can’t be named by a policy' }],
  });
}

function instant(text: string, parameter: string): string {
  const seconds = wholeSeconds(text);
  if (seconds !== undefined) return seconds;
  throw new DomainError('validation-failed', {
    why: `“${text}” is not an instant that a policy can name.`,
    errors: [
      { path: `/${parameter}`, message: 'must be an instant of the years 0000 to 9999, in UTC, and no leap second' },
    ],
  });
}

/** RFC 3339 knows leap seconds, and offsets that lead out of its four-digit years; AWS's dates know neither. */
function wholeSeconds(text: string): string | undefined {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999 ? time.toISOString().replace(/\.\d+Z$/, 'Z') : undefined;
}

const compile = ({ parameters }: AnyTemplate) => Compile(parameters);
const validators = new WeakMap<AnyTemplate, ReturnType<typeof compile>>();

function validatorOf(template: AnyTemplate) {
  const validator = validators.get(template) ?? compile(template);
  validators.set(template, validator);
  return validator;
}
