import { Compile, type Validator } from 'typebox/compile';
import { DomainError, type FieldError } from '../../problems/problem.ts';
import { asArray } from '../document.ts';
import { parsePrincipal } from '../principal.ts';
import type { AnyTemplate, Group } from './templates/template.ts';

/** The parameters that hold principals; an account in one is written as its root ARN. */
export const PRINCIPAL_PARAMETERS: readonly string[] = ['principal', 'principals', 'exceptPrincipals'];

/**
 * Checks parameters against the template's schema and brings them to their one form: root ARNs for accounts, sorted
 * lists without duplicates, whole seconds of UTC.
 * @throws DomainError validation-failed, partition-mismatch
 */
export function normalise(
  template: AnyTemplate,
  parameters: Record<string, unknown>,
  partition: string,
): { group: Group; member: string | null } {
  const faults = faultsOf(template, parameters);
  if (faults.length > 0) {
    throw new DomainError('validation-failed', `These are not parameters of the template ${template.name}.`, {
      errors: faults,
    });
  }
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, normaliseValue(name, value, partition)]),
  );
  if (template.packs === null) return { group: values, member: null };
  const { [template.packs]: member, ...group } = values;
  return { group, member: String(member) };
}

/** Whether these are parameters that normalise would take and leave as they are, but for the order of lists. */
export function isNormal(template: AnyTemplate, parameters: Group, partition: string): boolean {
  if (!validatorOf(template).Check(parameters) || template.conflict?.(parameters) !== undefined) return false;
  return Object.entries(parameters).every(([name, value]) => {
    if (PRINCIPAL_PARAMETERS.includes(name)) return asArray(value as string | string[]).every(isArnOf(partition));
    return name !== 'expiresAt' || wholeSeconds(String(value)) === value;
  });
}

const isArnOf = (partition: string) => (text: string) => {
  const principal = parsePrincipal(text, partition);
  return principal?.partition === partition && principal.arn === text;
};

function faultsOf(template: AnyTemplate, parameters: Record<string, unknown>): FieldError[] {
  const validator = validatorOf(template);
  if (!validator.Check(parameters)) {
    return [...validator.Errors(parameters)].map((fault) => ({ path: fault.instancePath, message: fault.message }));
  }
  return asArray(template.conflict?.(parameters)).slice();
}

function normaliseValue(name: string, value: unknown, partition: string): unknown {
  if (PRINCIPAL_PARAMETERS.includes(name)) {
    const arns = asArray(value as string | string[]).map((text) => principalArn(text, name, partition));
    return Array.isArray(value) ? [...new Set(arns)].sort() : arns[0];
  }
  if (name === 'expiresAt') return instant(String(value));
  return Array.isArray(value) ? [...new Set(value as string[])].sort() : value;
}

/**
 * The ARN of a principal as a caller wrote it: an account id becomes the account's root ARN.
 * @throws DomainError validation-failed, partition-mismatch
 */
export function principalArn(text: string, parameter: string, partition: string): string {
  const principal = parsePrincipal(text, partition);
  if (principal === undefined) {
    throw new DomainError('validation-failed', `“${text}” is not a principal that a secret’s policy can name.`, {
      errors: [
        {
          path: `/${parameter}`,
          message:
            'must be a 12-digit account id, arn:PARTITION:iam::ACCOUNT:root, or the ARN of a user, role, assumed-role session or federated user',
        },
      ],
    });
  }
  if (principal.partition !== partition) {
    throw new DomainError(
      'partition-mismatch',
      `The principal is of the partition ${principal.partition}, the secret of ${partition}. AWS never lets one reach the other.`,
    );
  }
  return principal.arn;
}

function instant(text: string): string {
  const seconds = wholeSeconds(text);
  if (seconds !== undefined) return seconds;
  throw new DomainError('validation-failed', `“${text}” is not an instant that a policy can name.`, {
    errors: [
      { path: '/expiresAt', message: 'must be an instant of the years 0000 to 9999, in UTC, and no leap second' },
    ],
  });
}

/** RFC 3339 knows leap seconds, and offsets that lead out of its four-digit years; AWS's dates know neither. */
function wholeSeconds(text: string): string | undefined {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999 ? time.toISOString().replace(/\.\d+Z$/, 'Z') : undefined;
}

const validators = new Map<string, Validator>();

function validatorOf(template: AnyTemplate): Validator {
  const known = validators.get(template.name);
  if (known !== undefined) return known;
  const compiled = Compile(template.parameters) as unknown as Validator;
  validators.set(template.name, compiled);
  return compiled;
}
