import Type from 'typebox';
import type { PolicyDocument } from '../../policy/document.ts';
import { publicStatements } from '../../policy/public-access.ts';
import type { Call } from '../call.ts';
import { authorize, refusalOf, requestContext } from '../enforcement/authorize.ts';
import { parsePolicy, SECRET_POLICY } from '../enforcement/policy-syntax.ts';
import { normalisedPolicy, shownPolicy, storedPolicy } from '../enforcement/stored-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import {
  authorizedSecret,
  type LocatedSecret,
  refuseDeleted,
  refuseUnchangeable,
  SecretId,
  saveSecret,
  secretContext,
  seenPolicy,
  targetOf,
} from './secret-record.ts';

const ResourcePolicy = text(1, 20_480);

/** Resource policies. Source: Secrets Manager API Reference. A replica shows its primary's policy. */
export const secretPolicyOperations: Record<string, AwsOperation<Call>> = {
  GetResourcePolicy: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId);
    refuseDeleted(secret);
    const policy = seenPolicy(call, secret.record);
    return {
      ARN: secret.arn,
      Name: secret.record.name,
      ...(policy && { ResourcePolicy: JSON.stringify(shownPolicy(policy, call.directory)) }),
    };
  }),

  PutResourcePolicy: operation(
    Type.Object({ SecretId, ResourcePolicy, BlockPublicPolicy: optional(Type.Boolean()) }),
    (call: Call, input) => {
      const block = input.BlockPublicPolicy === true;
      const secret = authorizedSecret(call, input.SecretId, { 'secretsmanager:BlockPublicPolicy': String(block) });
      refuseDeleted(secret);
      refuseUnchangeable(secret);
      const policy = storedPolicy(readPolicy(input.ResourcePolicy), secret.record.partition, call.directory);
      if (block && isPublic(policy)) throw new AwsError('PublicPolicyException', PUBLIC);
      saveSecret(call, withPolicy(call, secret.record, policy));
      return { ARN: secret.arn, Name: secret.record.name };
    },
  ),

  DeleteResourcePolicy: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId);
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    saveSecret(call, withPolicy(call, secret.record, null));
    return { ARN: secret.arn, Name: secret.record.name };
  }),

  ValidateResourcePolicy: operation(
    Type.Object({ SecretId: optional(SecretId), ResourcePolicy }),
    (call: Call, { SecretId: secretId, ResourcePolicy: json }) => {
      const secret = secretId === undefined ? undefined : authorizedSecret(call, secretId);
      if (secret === undefined || secretId === undefined) {
        authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
        return answerOf(findingsOf(call, json, call.partition));
      }
      authorizedSecret(
        call,
        secretId,
        { 'secretsmanager:BlockPublicPolicy': 'true' },
        'secretsmanager:PutResourcePolicy',
      );
      refuseDeleted(secret);
      const findings = findingsOf(call, json, secret.record.partition, (policy) =>
        locksOut(call, secret, secretId, policy),
      );
      return answerOf(findings);
    },
  ),
};

function withPolicy(call: Call, record: SecretRecord, policy: PolicyDocument | null): SecretRecord {
  const now = call.now.getTime();
  const before = { policy: seenPolicy(call, record), until: now + call.lagMs };
  return { ...record, policy, ...(call.lagMs > 0 && { policyBefore: before }), changedAt: now };
}

const PUBLIC =
  'You cannot put a resource policy that allows public access to the secret while BlockPublicPolicy is set.';

const isPublic = (policy: PolicyDocument): boolean => publicStatements(policy).length > 0;

const readPolicy = (json: string): PolicyDocument => normalisedPolicy(parsePolicy(json, SECRET_POLICY));

type Finding = { CheckName: string; ErrorMessage: string };

const answerOf = (findings: Finding[]) => ({
  PolicyValidationPassed: findings.length === 0,
  ValidationErrors: findings,
});

/**
 * AWS documents that there are three checks, not what they are called, and that what is no policy at all is an error.
 * Source: Secrets Manager API Reference, ValidateResourcePolicy, "Errors"
 * @throws AwsError MalformedPolicyDocumentException
 */
function findingsOf(
  call: Call,
  json: string,
  partition: string,
  locksOut: (policy: PolicyDocument) => boolean = () => false,
): Finding[] {
  const read = readPolicy(json);
  let policy: PolicyDocument;
  try {
    policy = storedPolicy(read, partition, call.directory);
  } catch (error) {
    if (error instanceof AwsError) return [{ CheckName: 'PolicySyntax', ErrorMessage: error.message }];
    throw error;
  }
  const broad = { CheckName: 'BroadAccess', ErrorMessage: 'The policy allows broad access to your secret.' };
  const lockOut = {
    CheckName: 'CallerLockOut',
    ErrorMessage: 'The policy locks you out: you could not change it again.',
  };
  return [...(isPublic(policy) ? [broad] : []), ...(locksOut(policy) ? [lockOut] : [])];
}

/** Whether the caller, under the policy to be, could no longer read, replace or remove it. */
function locksOut(call: Call, secret: LocatedSecret, secretId: string, policy: PolicyDocument): boolean {
  const context = {
    ...requestContext(call),
    ...secretContext(secret, secretId),
    'secretsmanager:BlockPublicPolicy': 'true',
  };
  return ['GetResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy'].some(
    (name) => refusalOf(call, `secretsmanager:${name}`, targetOf(call, secret, policy), context) !== null,
  );
}
