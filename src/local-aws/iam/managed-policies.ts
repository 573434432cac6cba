import Type from 'typebox';
import type { Call } from '../call.ts';
import { keepManagedPolicy, managedPolicy } from '../directory/managed-policies.ts';
import { readIdentityPolicy } from '../enforcement/identity-policy.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { ManagedPolicyRecord } from '../records.ts';
import { bearerOf, type Kind, PathOf, PolicyArn, PolicyDocument } from './bearer.ts';
import { alreadyExists, arnOf, authorizeOn, Name, noSuchEntity } from './named.ts';
import { Paging, paged } from './paging.ts';

/** Managed policies, and to whom they are attached. Source: IAM API Reference. */
export const iamManagedPolicyOperations: Record<string, AwsOperation<Call>> = {
  ...attachedOperations('Role'),
  ...attachedOperations('User'),
  ...attachedOperations('Group'),

  CreatePolicy: operation(Type.Object({ PolicyName: Name, Path: PathOf, PolicyDocument }), (call: Call, input) => {
    const arn = arnOf(call, 'policy', input.PolicyName, input.Path ?? '/');
    authorizeOn(call, arn);
    if (call.store.get('managedPolicy', arn) !== undefined) throw alreadyExists('A policy called', input.PolicyName);
    keepManagedPolicy(call.store, arn, readIdentityPolicy(input.PolicyDocument), call.now);
    return { Policy: shownPolicy(call, arn) };
  }),

  GetPolicy: operation(Type.Object({ PolicyArn }), (call: Call, input) => {
    authorizeOn(call, input.PolicyArn);
    return { Policy: shownPolicy(call, input.PolicyArn) };
  }),

  GetPolicyVersion: operation(Type.Object({ PolicyArn, VersionId: text(1, 10) }), (call: Call, input) => {
    authorizeOn(call, input.PolicyArn);
    const current = existing(call, input.PolicyArn);
    const older = call.store.get('managedPolicy', input.PolicyArn)?.versions.find(({ id }) => id === input.VersionId);
    const document = current.version === input.VersionId ? current.document : older?.document;
    if (document === undefined) throw noSuchEntity(`Policy ${input.PolicyArn} has no version ${input.VersionId}.`);
    return {
      PolicyVersion: {
        Document: encodeURIComponent(JSON.stringify(document)),
        VersionId: input.VersionId,
        IsDefaultVersion: current.version === input.VersionId,
      },
    };
  }),

  CreatePolicyVersion: operation(
    Type.Object({ PolicyArn, PolicyDocument, SetAsDefault: optional(text(4, 5, '^(true|false)$')) }),
    (call: Call, input) => {
      authorizeOn(call, input.PolicyArn);
      const policy = ownPolicy(call, input.PolicyArn);
      const id = `v${policy.versions.length + 1}`;
      const document = readIdentityPolicy(input.PolicyDocument);
      const versions = [...policy.versions, { id, document, createdAt: call.now.getTime() }];
      const isDefault = input.SetAsDefault === 'true';
      const changed = { ...policy, versions, ...(isDefault && { defaultVersion: id }) };
      call.store.put('managedPolicy', policy.arn, changed);
      return { PolicyVersion: { VersionId: id, IsDefaultVersion: isDefault } };
    },
  ),

  DeletePolicy: operation(Type.Object({ PolicyArn }), (call: Call, input) => {
    authorizeOn(call, input.PolicyArn);
    const { arn } = ownPolicy(call, input.PolicyArn);
    const isUsed = call.store
      .list('principal', '')
      .some(({ attached = [], boundary }) => attached.includes(arn) || boundary === arn);
    if (isUsed) throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
    call.store.delete('managedPolicy', arn);
    return {};
  }),
};

/** The three operations on what is attached. */
function attachedOperations(kind: Kind): Record<string, AwsOperation<Call>> {
  const { shape, bearer } = bearerOf(kind);
  return {
    [`Attach${kind}Policy`]: operation(Type.Object({ ...shape, PolicyArn }), (call: Call, input) => {
      const { arn, attached = [] } = bearer(call, input);
      existing(call, input.PolicyArn);
      call.directory.setAttachedPolicies(arn, [...new Set([...attached, input.PolicyArn])]);
      return {};
    }),

    [`Detach${kind}Policy`]: operation(Type.Object({ ...shape, PolicyArn }), (call: Call, input) => {
      const { arn, attached = [] } = bearer(call, input);
      if (!attached.includes(input.PolicyArn)) throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
      const others = attached.filter((one) => one !== input.PolicyArn);
      call.directory.setAttachedPolicies(arn, others);
      return {};
    }),

    [`ListAttached${kind}Policies`]: operation(Type.Object({ ...shape, ...Paging }), (call: Call, input) => {
      const { items, ...more } = paged(bearer(call, input).attached ?? [], input);
      return { AttachedPolicies: items.map((arn) => ({ PolicyName: nameOf(arn), PolicyArn: arn })), ...more };
    }),
  };
}

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** @throws AwsError NoSuchEntity */
export function existing({ store }: Call, arn: string): NonNullable<ReturnType<typeof managedPolicy>> {
  const policy = managedPolicy(store, arn);
  if (policy !== undefined) return policy;
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

/** One that the account itself manages. @throws AwsError NoSuchEntity */
function ownPolicy({ store }: Call, arn: string): ManagedPolicyRecord {
  const policy = store.get('managedPolicy', arn);
  if (policy !== undefined) return policy;
  throw noSuchEntity(`Policy ${arn} was not found.`);
}

function shownPolicy(call: Call, arn: string) {
  const { version } = existing(call, arn);
  return { PolicyName: nameOf(arn), Arn: arn, DefaultVersionId: version, IsAttachable: true };
}
