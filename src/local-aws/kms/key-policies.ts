import Type from 'typebox';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { refusalOf, requestContext } from '../enforcement/authorize.ts';
import { KEY_POLICY, parsePolicy } from '../enforcement/policy-syntax.ts';
import { normalisedPolicy, shownPolicy, storedPolicy } from '../enforcement/stored-policy.ts';
import { malformedPolicy } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { authorizedKey, KeyId, placeOf, refuseManaged, saveKey } from './keys.ts';

export const KeyPolicy = text(1, 32_768);
export const BypassLockoutCheck = optional(Type.Boolean());
const PolicyName = optional(Type.Literal('default'));

/** Source: KMS API Reference, GetKeyPolicy and PutKeyPolicy. */
export const keyPolicyOperations: Record<string, AwsOperation<Call>> = {
  GetKeyPolicy: operation(Type.Object({ KeyId, PolicyName }), (call: Call, input) => ({
    Policy: JSON.stringify(shownPolicy(authorizedKey(call, input.KeyId).policy, call.directory), null, 2),
    PolicyName: 'default',
  })),

  PutKeyPolicy: operation(
    Type.Object({ KeyId, PolicyName, Policy: KeyPolicy, BypassPolicyLockoutSafetyCheck: BypassLockoutCheck }),
    (call: Call, input) => {
      const key = authorizedKey(call, input.KeyId);
      refuseManaged(key);
      const policy = readKeyPolicy(call, input.Policy, key.arn, input.BypassPolicyLockoutSafetyCheck);
      saveKey(call, { ...key, policy });
      return {};
    },
  ),
};

/**
 * Reads a key policy into stored form. A policy that would not let the caller change it again is refused, unless the
 * caller waives that check.
 * @throws AwsError MalformedPolicyDocumentException
 */
export function readKeyPolicy(call: Call, json: string, keyArn: string, bypass = false): PolicyDocument {
  const { partition, account } = placeOf(call);
  const invalid = 'Policy contains a statement with one or more invalid principals.';
  const document = normalisedPolicy(parsePolicy(json, KEY_POLICY));
  const policy = storedPolicy(document, partition, call.directory, invalid);
  const target = { arn: keyArn, account, policy: shownPolicy(policy, call.directory), policyRequired: true };
  if (!bypass && refusalOf(call, 'kms:PutKeyPolicy', target, requestContext(call)) !== null) {
    throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
  }
  return policy;
}
