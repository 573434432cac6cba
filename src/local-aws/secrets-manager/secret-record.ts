import { parseArn } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { authorize, type Context } from '../enforcement/authorize.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { AwsError, invalidParameter, invalidRequest, validationError } from '../protocol/errors.ts';
import { text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';

/** A secret as one Region shows it: its primary, or a replica. */
export type LocatedSecret = { record: SecretRecord; region: string; arn: string };

export const SecretId = text(1, 2048);

/** What AWS answers to a name that could not be one, whether a secret is made or looked for. @throws AwsError ValidationException */
export function refuseInvalidName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) return;
  throw validationError(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

/**
 * The secret that an operation names, once the caller is authorised for it.
 * @throws AwsError AccessDeniedException; ResourceNotFoundException only to those who would be allowed
 */
export function authorizedSecret(
  call: Call,
  secretId: string,
  context: Context = {},
  action = call.action,
): LocatedSecret {
  const secret = authorizedSecretIfAny(call, secretId, context, action);
  if (secret !== undefined) return secret;
  throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

/** The same; undefined when there is none. @throws AwsError AccessDeniedException or ValidationException */
export function authorizedSecretIfAny(
  call: Call,
  secretId: string,
  context: Context = {},
  action = call.action,
): LocatedSecret | undefined {
  if (!secretId.startsWith('arn:')) refuseInvalidName(secretId);
  const secret = findSecret(call, secretId);
  if (secret === undefined) {
    const arn = parseArn(secretId);
    const missing = arn === undefined ? secretArn({ ...call, account: call.caller.account }, secretId) : secretId;
    const account = arn?.account ?? call.caller.account;
    authorize(
      call,
      action,
      { arn: missing, account, policy: null, shownAs: secretId },
      { 'secretsmanager:SecretId': secretId, ...context },
    );
    return undefined;
  }
  authorize(call, action, targetOf(call, secret), { ...secretContext(secret, secretId), ...context });
  return secret;
}

/**
 * By name in the caller's own account, by full ARN, or by ARN without the six characters; always in the Region of the
 * call. Source: Secrets Manager User Guide, "Finding secrets from a partial ARN".
 */
export function findSecret(call: Call, secretId: string): LocatedSecret | undefined {
  const { region, store } = call;
  const located = (account: string, name: string): LocatedSecret | undefined => {
    const key = secretKey(account, region, name);
    const record = store.get('secret', store.get('replica', key) ?? key);
    if (record === undefined) return undefined;
    if (record.deletedAt !== undefined && record.deletedAt <= call.now.getTime()) {
      removeSecret(call, record);
      return undefined;
    }
    return { record, region, arn: secretArn({ ...record, region }, `${record.name}-${record.suffix}`) };
  };
  if (!secretId.startsWith('arn:')) return located(call.caller.account, secretId);
  const arn = parseArn(secretId);
  if (arn?.service !== 'secretsmanager' || arn.region !== region || !arn.resource.startsWith('secret:'))
    return undefined;
  const name = arn.resource.slice('secret:'.length);
  if (!LOOKS_COMPLETE.test(name)) return located(arn.account, name);
  const full = located(arn.account, name.slice(0, -7));
  return full?.arn === secretId ? full : undefined;
}

/**
 * A hyphen and six characters at the end are taken to be the suffix, so that the partial ARN of a secret whose name ends
 * so finds nothing. Source: Secrets Manager API Reference, SecretId ("cause Secrets Manager to assume that you're
 * specifying a complete ARN").
 */
const LOOKS_COMPLETE = /-[A-Za-z0-9]{6}$/;

export const targetOf = (
  call: Call,
  { record, arn }: LocatedSecret,
  policy: PolicyDocument | null = seenPolicy(call, record),
) => ({
  arn,
  account: record.account,
  policy: policy && shownPolicy(policy, call.directory),
});

/** The policy as it is seen by now: operations are eventually consistent. */
export const seenPolicy = ({ now }: Call, { policy, policyBefore }: SecretRecord): PolicyDocument | null =>
  policyBefore !== undefined && now.getTime() < policyBefore.until ? policyBefore.policy : policy;

/** Source: Service Authorization Reference, "Condition keys for AWS Secrets Manager". */
export const secretContext = ({ record }: LocatedSecret, secretId: string): Context => ({
  'secretsmanager:SecretId': secretId,
  'secretsmanager:SecretPrimaryRegion': record.primaryRegion,
  ...(record.rotation?.lambdaArn === undefined
    ? {}
    : { 'secretsmanager:resource/AllowRotationLambdaArn': record.rotation.lambdaArn }),
  ...Object.fromEntries(
    (record.tags ?? []).flatMap(({ Key, Value }) => [
      [`secretsmanager:ResourceTag/${Key}`, Value],
      [`aws:ResourceTag/${Key}`, Value],
    ]),
  ),
});

/** @throws AwsError InvalidRequestException once the secret is scheduled for deletion */
export function refuseDeleted({ record }: LocatedSecret): void {
  if (record.deletedAt !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  }
}

/** What is changed only at the primary, and not where the service that manages the secret keeps it to itself. @throws AwsError InvalidRequest- or InvalidParameterException */
export function refuseUnchangeable({ record, region }: LocatedSecret): void {
  if (region !== record.primaryRegion) {
    throw invalidParameter(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    );
  }
  if (record.closedByService) {
    throw invalidRequest(
      `The secret is managed by another service (${record.owningService}), and you must use that service to update it.`,
    );
  }
}

export function saveSecret(call: Call, record: SecretRecord): void {
  call.store.put('secret', secretKey(record.account, record.primaryRegion, record.name), record);
}

export function removeSecret(call: Call, { account, primaryRegion, name, replicas }: SecretRecord): void {
  call.store.delete('secret', secretKey(account, primaryRegion, name));
  for (const { region } of replicas) call.store.delete('replica', secretKey(account, region, name));
}

export const secretKey = (account: string, region: string, name: string): string => `${account}/${region}/${name}`;

type SecretPlace = { partition: string; region: string; account: string };
export const secretArn = ({ partition, region, account }: SecretPlace, resource: string): string =>
  `arn:${partition}:secretsmanager:${region}:${account}:secret:${resource}`;
