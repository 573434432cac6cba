import Type from 'typebox';
import { parseArn } from '../../../policy/arn.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import type { Call } from '../../call.ts';
import { authorize, refusalOf, requestContext } from '../../enforcement/authorize.ts';
import { storedPrincipal } from '../../enforcement/stored-policy.ts';
import { AwsError, validationError } from '../../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../../protocol/input.ts';
import type { GrantRecord, KeyRecord } from '../../records.ts';
import { authorizedKey, findKey, KeyId, placeOf } from '../keys.ts';
import { DryRun, GrantId, PrincipalName, pageOfGrants, refuseDryRun, ServicePrincipal, shownGrant } from './shown.ts';
import { principalElement } from './statements.ts';
import { allGrants, endGrant, findGrant } from './store.ts';

/** Grants ended by those whom they let. Source: KMS API Reference, RetireGrant and ListRetirableGrants. */
export const retiringOperations: Record<string, AwsOperation<Call>> = {
  RetireGrant: operation(
    Type.Object({ GrantToken: optional(text(1, 8192)), KeyId: optional(KeyId), GrantId: optional(GrantId), DryRun }),
    (call: Call, input) => {
      const [key, grant] = namedGrant(call, input);
      if (!isRetiredBy(call, key, grant)) authorizedKey(call, key.arn);
      refuseDryRun(input);
      endGrant(call, key, grant);
      return {};
    },
  ),

  ListRetirableGrants: operation(
    Type.Object({
      RetiringPrincipal: optional(PrincipalName),
      RetiringServicePrincipal: optional(ServicePrincipal),
      Limit: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      Marker: optional(text(1, 1024)),
    }),
    (call: Call, input) => {
      const { RetiringPrincipal: name, RetiringServicePrincipal: service } = input;
      if ((name === undefined) === (service === undefined)) {
        throw validationError('You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
      }
      authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
      const wanted = name === undefined ? service : storedPrincipal(name, call.partition, call.directory);
      if (wanted === undefined || (name !== undefined && accountOf(name) !== call.caller.account)) {
        throw new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${name}`);
      }
      const grants = allGrants(call)
        .filter(({ retiring, keyArn }) => retiring === wanted && parseArn(keyArn)?.region === call.region)
        .map((grant) => shownGrant(call, grant))
        .sort((a, b) => (a.GrantId < b.GrantId ? -1 : 1));
      return pageOfGrants(grants, input);
    },
  ),
};

const accountOf = (name: string): string => (/^\d{12}$/.test(name) ? name : (parseArn(name)?.account ?? ''));

type GrantName = { GrantToken?: string; KeyId?: string; GrantId?: string };

/** By its token, or by key ARN and id. */
function namedGrant(call: Call, { GrantToken: token, KeyId: keyId, GrantId: id }: GrantName): [KeyRecord, GrantRecord] {
  if ((token === undefined) === (keyId === undefined || id === undefined)) {
    throw validationError('Use a grant token, or a combination of the grant ID and key ID, to identify the grant.');
  }
  const grant = token === undefined ? undefined : grantOfToken(call, token);
  if (token !== undefined && grant === undefined)
    throw new AwsError('InvalidGrantTokenException', 'Invalid grant token');
  const key = findKey(call, grant?.keyArn ?? keyId ?? '', placeOf(call));
  if (key === undefined) throw new AwsError('NotFoundException', `Key '${keyId}' does not exist`);
  const named = grant ?? findGrant(call, key, id ?? '');
  if (named === undefined) throw new AwsError('NotFoundException', `Grant ID ${id} not found`);
  return [key, named];
}

export const grantOfToken = (call: Call, token: string): GrantRecord | undefined =>
  allGrants(call).find((candidate) => candidate.token === token);

/**
 * Whether the grant itself lets the caller retire it: as its retiring principal, as its grantee where RetireGrant is
 * among its operations, or as a principal of the account that made it, to which that account has delegated it.
 * Source: KMS Developer Guide, "Retiring and revoking grants".
 */
function isRetiredBy(
  call: Call,
  key: KeyRecord,
  { grantee, retiring, operations, issuingAccount }: GrantRecord,
): boolean {
  const named = [
    ...(retiring === undefined ? [] : [principalElement(call, retiring)]),
    ...(operations.includes('RetireGrant') ? [principalElement(call, grantee)] : []),
    { AWS: issuingAccount },
  ];
  const policy: PolicyDocument = {
    Version: '2012-10-17',
    Statement: named.map((Principal) => ({ Effect: 'Allow', Principal, Action: call.action, Resource: '*' })),
  };
  // Judged as in the caller's own account: the grant needs no identity policy beside it.
  const target = { arn: key.arn, account: call.caller.account, policy, policyRequired: true };
  return refusalOf(call, call.action, target, requestContext(call)) === null;
}
