import Type from 'typebox';
import type { Call } from '../call.ts';
import { namedPolicies } from '../directory/inline-policies.ts';
import { readIdentityPolicy, readTrustPolicy } from '../enforcement/identity-policy.ts';
import { type AwsOperation, operation, text } from '../protocol/input.ts';
import { bearerOf, type Kind } from './bearer.ts';
import { authorizedPrincipal, Name, noSuchEntity } from './named.ts';
import { Paging, paged } from './paging.ts';
import { refuseUnknownPrincipals } from './principals.ts';

const PolicyDocument = text(1, 131_072);

/** Inline policies and trust. Source: IAM API Reference. */
export const iamPolicyOperations: Record<string, AwsOperation<Call>> = {
  ...inlineOperations('Role'),
  ...inlineOperations('User'),
  ...inlineOperations('Group'),

  UpdateAssumeRolePolicy: operation(Type.Object({ RoleName: Name, PolicyDocument }), (call: Call, input) => {
    const role = authorizedPrincipal(call, 'role', input.RoleName);
    const trustPolicy = readTrustPolicy(input.PolicyDocument);
    refuseUnknownPrincipals(call, trustPolicy);
    call.directory.setTrustPolicy(role.arn, trustPolicy);
    return {};
  }),
};

/** The four operations on inline policies, which roles, users and groups have alike. */
function inlineOperations(kind: Kind): Record<string, AwsOperation<Call>> {
  const { member, shape, bearer } = bearerOf(kind);
  return {
    [`Put${kind}Policy`]: operation(
      Type.Object({ ...shape, PolicyName: Name, PolicyDocument }),
      (call: Call, input) => {
        const { arn } = bearer(call, input);
        call.directory.setPolicy(arn, input.PolicyName, readIdentityPolicy(input.PolicyDocument));
        return {};
      },
    ),

    [`Get${kind}Policy`]: operation(Type.Object({ ...shape, PolicyName: Name }), (call: Call, input) => {
      const principal = bearer(call, input);
      const document = namedPolicies(principal).get(input.PolicyName);
      if (document === undefined) throw missingPolicy(input.PolicyName);
      return {
        [member]: principal.name,
        PolicyName: input.PolicyName,
        PolicyDocument: encodeURIComponent(JSON.stringify(document)),
      };
    }),

    [`List${kind}Policies`]: operation(Type.Object({ ...shape, ...Paging }), (call: Call, input) => {
      const { items, ...more } = paged([...namedPolicies(bearer(call, input)).keys()], input);
      return { PolicyNames: items, ...more };
    }),

    [`Delete${kind}Policy`]: operation(Type.Object({ ...shape, PolicyName: Name }), (call: Call, input) => {
      const principal = bearer(call, input);
      if (!namedPolicies(principal).has(input.PolicyName)) throw missingPolicy(input.PolicyName);
      call.directory.setPolicy(principal.arn, input.PolicyName, null);
      return {};
    }),
  };
}

const missingPolicy = (name: string) => noSuchEntity(`The policy with name ${name} cannot be found.`);
