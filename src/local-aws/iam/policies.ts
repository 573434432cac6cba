import Type from 'typebox';
import type { Call } from '../call.ts';
import { readIdentityPolicy, readTrustPolicy } from '../enforcement/identity-policy.ts';
import { type Operation, operation, text } from '../protocol/input.ts';
import type { PrincipalRecord } from '../records.ts';
import { authorizedPrincipal, Name, noSuchEntity, refuseUnknownPrincipals } from './principals.ts';

const PolicyDocument = text(1, 131_072);

/** Inline policies and trust. Source: IAM API Reference. */
export const iamPolicyOperations: Record<string, Operation<Call>> = {
  ...inlineOperations('Role'),
  ...inlineOperations('User'),

  UpdateAssumeRolePolicy: operation(Type.Object({ RoleName: Name, PolicyDocument }), (call: Call, input) => {
    const role = authorizedPrincipal(call, 'role', input.RoleName);
    const trustPolicy = readTrustPolicy(input.PolicyDocument);
    refuseUnknownPrincipals(call, trustPolicy);
    call.directory.setTrustPolicy(role.arn, trustPolicy);
    return {};
  }),

  /** Managed policies are not kept here: nothing is attached. */
  ListAttachedRolePolicies: operation(Type.Object({ RoleName: Name }), (call: Call, input) => {
    authorizedPrincipal(call, 'role', input.RoleName);
    return { AttachedPolicies: [], IsTruncated: false };
  }),
};

/** The four operations on inline policies, which roles and users have alike. */
function inlineOperations(kind: 'Role' | 'User'): Record<string, Operation<Call>> {
  const member = `${kind}Name` as const;
  const shape = { [member]: Name } as Record<'RoleName' | 'UserName', typeof Name>;
  const bearer = (call: Call, input: object): PrincipalRecord =>
    authorizedPrincipal(call, kind === 'Role' ? 'role' : 'user', String((input as Record<string, unknown>)[member]));
  return {
    [`Put${kind}Policy`]: operation(
      Type.Object({ ...shape, PolicyName: Name, PolicyDocument }),
      (call: Call, input) => {
        const { arn } = bearer(call, input);
        call.directory.putPolicy(arn, input.PolicyName, readIdentityPolicy(input.PolicyDocument));
        return {};
      },
    ),

    [`Get${kind}Policy`]: operation(Type.Object({ ...shape, PolicyName: Name }), (call: Call, input) => {
      const principal = bearer(call, input);
      const document = policiesOf(principal).get(input.PolicyName);
      if (document === undefined) throw missingPolicy(input.PolicyName);
      return {
        [member]: principal.name,
        PolicyName: input.PolicyName,
        PolicyDocument: encodeURIComponent(JSON.stringify(document)),
      };
    }),

    [`List${kind}Policies`]: operation(Type.Object(shape), (call: Call, input) => ({
      PolicyNames: [...policiesOf(bearer(call, input)).keys()],
      IsTruncated: false,
    })),

    [`Delete${kind}Policy`]: operation(Type.Object({ ...shape, PolicyName: Name }), (call: Call, input) => {
      const principal = bearer(call, input);
      if (!policiesOf(principal).has(input.PolicyName)) throw missingPolicy(input.PolicyName);
      call.directory.deletePolicy(principal.arn, input.PolicyName);
      return {};
    }),
  };
}

const missingPolicy = (name: string) => noSuchEntity(`The policy with name ${name} cannot be found.`);

const policiesOf = ({ policies, policyNames = [] }: PrincipalRecord) =>
  new Map(policies.map((document, index) => [policyNames[index] ?? `policy-${index + 1}`, document]));
