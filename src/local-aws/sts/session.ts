import { randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { newIamId } from '../directory/identity.ts';
import { readIdentityPolicy } from '../enforcement/identity-policy.ts';
import { AwsError, validationError } from '../protocol/errors.ts';
import { optional, text } from '../protocol/input.ts';
import type { PrincipalRecord, SessionRecord } from '../records.ts';

/** What the operations that start a session have in common. Numbers come as text (query protocol). */
export const DurationSeconds = optional(text(1, 6, String.raw`^\d+$`));
export const RoleSessionName = text(2, 64, String.raw`^[\w+=,.@-]*$`);
export const RoleArn = text(20, 2048);
export const SessionPolicy = optional(text(1, 2048));
export const SessionTags = optional(
  Type.Array(Type.Object({ Key: text(1, 128), Value: text(0, 256) }), { maxItems: 50 }),
);
export type SessionTags = Static<typeof SessionTags>;

/** @throws AwsError MalformedPolicyDocument */
export const sessionPolicies = (json: string | undefined): { policies?: PolicyDocument[] } =>
  json === undefined ? {} : { policies: [readIdentityPolicy(json)] };

/** What would change what a session may, and is not known here: to ignore it silently would lie about access. */
export const Unsupported = { PolicyArns: optional(Type.Unknown()), ProvidedContexts: optional(Type.Unknown()) };

/** @throws AwsError ValidationException */
export function refuseUnsupported(input: { PolicyArns?: unknown; ProvidedContexts?: unknown }): void {
  for (const name of ['PolicyArns', 'ProvidedContexts'] as const) {
    if (input[name] !== undefined) throw validationError(`The local stand-in does not support ${name}.`);
  }
}

/**
 * Seconds: from 900 to what the role allows, by default one hour, which is also the limit when a role assumes a role.
 * @throws AwsError ValidationException
 */
export function durationOf(role: PrincipalRecord | undefined, chained: boolean, given = '3600'): number {
  const duration = Number(given);
  if (duration < 900 || duration > 43_200) {
    throw validationError(
      "1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200",
    );
  }
  if (chained && duration > 3600) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (role !== undefined && duration > (role.maxSessionSeconds ?? 3600)) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return duration;
}

/** @throws AwsError InvalidParameterValue where a tag is given twice */
export function tagsByKey(tags: SessionTags = []): Record<string, string> {
  const keys = tags.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) throw new AwsError('InvalidParameterValue', 'Duplicate tag keys found.');
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Keeps an access key for a session of a role (or, without a name, of a user) and gives it out. */
export function issueCredentials(
  { store, now }: Call,
  principal: PrincipalRecord,
  sessionName: string | null,
  seconds: number,
  session: Omit<SessionRecord, 'issuedAt'>,
) {
  const expiresAt = now.getTime() + seconds * 1000;
  const token = randomBytes(96).toString('base64');
  const id = newIamId('ASIA').slice(0, 20);
  store.put('accessKey', id, {
    id,
    uniqueId: principal.uniqueId,
    sessionName,
    temporary: { token, expiresAt },
    session: { issuedAt: now.getTime(), ...session },
  });
  return {
    AccessKeyId: id,
    SecretAccessKey: randomBytes(30).toString('base64'),
    SessionToken: token,
    Expiration: new Date(expiresAt).toISOString(),
  };
}

export const assumedRoleUser = (role: PrincipalRecord, sessionName: string) => ({
  AssumedRoleId: `${role.uniqueId}:${sessionName}`,
  Arn: `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
});
