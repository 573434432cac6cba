import { Compile, type Validator } from 'typebox/compile';
import { DomainError } from '../problem.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { asArray } from './document.ts';
import { isUniqueId, parsePrincipal } from './principal.ts';
import type { AnyTemplate, EntryKind, Group } from './templates/template.ts';

/**
 * A share, denial or restriction as a value. Entries of one clause (the same template and parameters but for the packed
 * one) stand in one statement; what makes an entry itself is its member of that statement.
 */
export type Clause = { template: AnyTemplate; sid: string; group: Group; members: readonly string[] };

/** An entry as callers see it. */
export type Entry = {
  /** The same for the same request: a hash of the clause and the member. */
  id: string;
  kind: EntryKind;
  template: string;
  /** The Sid of the statement that holds it. */
  sid: string;
  principal?: string;
  organization?: string;
  account?: string;
  match?: 'principal' | 'arn';
  boundary?: Record<string, string | string[]>;
  exceptPrincipals?: string[];
  actions: string[];
  conditions: Record<string, unknown>;
  expiresAt: string | null;
  /** AWS shows a unique id in the place of the principal: it was deleted, and a new one of that name is not meant. */
  orphaned: boolean;
};

const SID_PREFIX: Record<EntryKind, string> = { share: 'Share', denial: 'Deny', restriction: 'Restrict' };

/** `Share` + 16 hexadecimal digits; `N2`… where somebody else's statement took that Sid; `P2` for a second statement. */
export const OUR_SID = /^((Share|Deny|Restrict)[0-9a-f]{16}(?:N\d{1,3})?)(?:P[2-9])?$/;

export function sidOf(template: AnyTemplate, group: Group): string {
  return SID_PREFIX[template.kind] + sha256(canonicalJson({ template: template.name, ...group })).slice(0, 16);
}

export const kindOfSid = (sid: string): EntryKind | undefined =>
  (Object.keys(SID_PREFIX) as EntryKind[]).find((kind) => sid.startsWith(SID_PREFIX[kind]));

/**
 * Checks parameters against the template's schema and brings them to their one form: root ARNs for accounts, sorted
 * lists, whole seconds.
 * @throws DomainError validation-failed, partition-mismatch
 */
export function normalise(
  template: AnyTemplate,
  parameters: Record<string, unknown>,
  partition: string,
): { group: Group; member: string | null } {
  const faults = [...validatorOf(template).Errors(parameters)];
  if (faults.length > 0) {
    throw new DomainError('validation-failed', `These are not parameters of the template ${template.name}.`, {
      errors: faults.map((fault) => ({ path: fault.instancePath, message: fault.message })),
    });
  }
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, normaliseValue(name, value, partition)]),
  );
  if (template.packs === null) return { group: values, member: null };
  const { [template.packs]: member, ...group } = values;
  return { group, member: String(member) };
}

const PRINCIPAL_PARAMETERS = ['principal', 'principals', 'exceptPrincipals'];

function normaliseValue(name: string, value: unknown, partition: string): unknown {
  if (PRINCIPAL_PARAMETERS.includes(name)) {
    const arns = asArray(value as string | string[]).map((text) => principalArn(text, name, partition));
    return Array.isArray(value) ? [...new Set(arns)].sort() : arns[0];
  }
  if (name === 'expiresAt') return new Date(String(value)).toISOString().replace(/\.\d+Z$/, 'Z');
  return Array.isArray(value) ? [...new Set(value as string[])].sort() : value;
}

function principalArn(text: string, parameter: string, partition: string): string {
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

/** Whether AWS shows a deleted principal here, or it is a value that the template would have taken. */
export function isMember(template: AnyTemplate, group: Group, member: string, partition: string): boolean {
  if (template.packs === 'principal' && isUniqueId(member)) return true;
  const validator = validatorOf(template);
  if (!validator.Check({ ...group, [String(template.packs)]: member })) return false;
  return template.packs !== 'principal' || parsePrincipal(member, partition)?.partition === partition;
}

export const isGroup = (template: AnyTemplate, group: Group): boolean => validatorOf(template).Check(group);

export const entryId = (sid: string, member: string | null): string => sha256(`${sid} ${member ?? ''}`).slice(0, 24);

/** The entries of a clause, in the order of its members. */
export function entriesOfClause(clause: Clause): Entry[] {
  if (clause.template.packs === null) return [toEntry(clause, null)];
  return clause.members.map((member) => toEntry(clause, member));
}

export function toEntry({ template, sid, group }: Clause, member: string | null): Entry {
  const { actions, expiresAt, exceptPrincipals, ...rest } = group;
  const named = template.packs === null ? {} : { [template.packs]: member };
  const isRestriction = template.kind === 'restriction';
  return {
    id: entryId(sid, member),
    kind: template.kind,
    template: template.name,
    sid,
    ...named,
    ...(template.kind === 'denial' && { match: template.name === 'deny-principal' ? 'principal' : 'arn' }),
    ...(isRestriction && {
      boundary: rest as Record<string, string | string[]>,
      exceptPrincipals: [...asArray(exceptPrincipals as string[] | undefined)],
    }),
    actions: [...asArray(actions as string[])],
    conditions: isRestriction ? {} : rest,
    expiresAt: expiresAt === undefined ? null : String(expiresAt),
    orphaned: member !== null && isUniqueId(member),
  };
}

const validators = new Map<string, Validator>();

function validatorOf(template: AnyTemplate): Validator {
  const known = validators.get(template.name);
  if (known !== undefined) return known;
  const compiled = Compile(template.parameters) as unknown as Validator;
  validators.set(template.name, compiled);
  return compiled;
}

/** The parameters that make this entry again. */
export function parametersOf(entry: Entry, template: AnyTemplate): Record<string, unknown> {
  const packed = template.packs === null ? {} : { [template.packs]: entry[template.packs as 'principal'] };
  const spared = entry.exceptPrincipals ?? [];
  return {
    ...packed,
    ...entry.boundary,
    ...(spared.length > 0 && { exceptPrincipals: spared }),
    actions: entry.actions,
    ...entry.conditions,
    ...(entry.expiresAt !== null && { expiresAt: entry.expiresAt }),
  };
}
