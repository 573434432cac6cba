import Type, { type Static } from 'typebox';
import { parseArn } from '../../policy/arn.ts';
import { type PolicyDocument, statementsOf } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { authorize, type Context, type Target } from '../enforcement/authorize.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { validationError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import type { PrincipalRecord, SessionRecord } from '../records.ts';
import {
  assumedRoleUser,
  DurationSeconds,
  durationOf,
  issueCredentials,
  RoleArn,
  RoleSessionName,
  refuseUnsupported,
  SessionPolicy,
  SessionTags,
  sessionPolicies,
  tagsByKey,
  Unsupported,
} from './session.ts';

const AssumeRoleInput = Type.Object({
  RoleArn,
  RoleSessionName,
  ExternalId: optional(text(2, 1224, String.raw`^[\w+=,.@:/-]*$`)),
  DurationSeconds,
  Policy: SessionPolicy,
  Tags: SessionTags,
  TransitiveTagKeys: optional(Type.Array(text(1, 128))),
  SourceIdentity: optional(text(2, 64, String.raw`^[\w+=,.@-]*$`)),
  SerialNumber: optional(text(9, 256)),
  TokenCode: optional(text(6, 6, String.raw`^\d+$`)),
  ...Unsupported,
});
type AssumeRoleInput = Static<typeof AssumeRoleInput>;

/** Source: STS API Reference, AssumeRole; IAM User Guide, "Pass session tags in AWS STS". */
export const roleOperations: Record<string, AwsOperation<Call>> = {
  AssumeRole: operation(AssumeRoleInput, (call: Call, input) => {
    refuseUnsupported(input);
    const role = call.directory.find(input.RoleArn);
    const inherited = inheritedTags(call);
    const tags = { ...inherited, ...tagsByKey(input.Tags) };
    const sourceIdentity = sourceIdentityOf(call, input);
    const target = roleTarget(call, input.RoleArn, role);
    const context = requestedContext(input, sourceIdentity);
    authorize(call, call.action, target, context);
    if (input.Tags !== undefined) authorize(call, 'sts:TagSession', target, context);
    if (sourceIdentity !== undefined) authorize(call, 'sts:SetSourceIdentity', target, context);
    if (role === undefined) throw new Error('a role without a trust policy cannot have been authorised');
    const seconds = durationOf(role, call.caller.type === 'assumedRole', input.DurationSeconds);
    const transitive = [...Object.keys(inherited), ...(input.TransitiveTagKeys ?? [])];
    const session: Omit<SessionRecord, 'issuedAt'> = {
      ...sessionPolicies(input.Policy),
      tags,
      transitive,
      keys: sourceIdentity === undefined ? {} : { 'aws:SourceIdentity': sourceIdentity },
    };
    return {
      AssumedRoleUser: assumedRoleUser(role, input.RoleSessionName),
      Credentials: issueCredentials(call, role, input.RoleSessionName, seconds, session),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    };
  }),
};

/** A role as what is acted upon. A trust policy has no Resource: it is about the role that bears it. */
export function roleTarget({ directory }: Call, arn: string, role: PrincipalRecord | undefined): Target {
  const trusted = role?.type === 'role' && role.trustPolicy ? shownPolicy(role.trustPolicy, directory) : null;
  const policy: PolicyDocument | null = trusted && {
    ...trusted,
    Statement: statementsOf(trusted).map((one) => ({ ...one, Resource: '*' })),
  };
  return { arn, account: parseArn(arn)?.account ?? '', policy, policyRequired: true };
}

/** Those that the caller's own session was told to hand on. */
const inheritedTags = ({ caller: { session } }: Call): Record<string, string> =>
  Object.fromEntries((session?.transitive ?? []).map((key) => [key, session?.tags?.[key] ?? '']));

/** Once set it stays, through every further role. @throws AwsError ValidationException */
function sourceIdentityOf(
  { caller: { session } }: Call,
  { SourceIdentity: given }: AssumeRoleInput,
): string | undefined {
  const own = session?.keys?.['aws:SourceIdentity'];
  if (typeof own === 'string' && given !== undefined && given !== own) {
    throw validationError('The source identity of a session can not be changed.');
  }
  return typeof own === 'string' ? own : given;
}

function requestedContext(input: AssumeRoleInput, sourceIdentity: string | undefined): Context {
  const tags = input.Tags ?? [];
  return {
    'sts:RoleSessionName': input.RoleSessionName,
    ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
    ...(sourceIdentity === undefined ? {} : { 'sts:SourceIdentity': sourceIdentity }),
    ...(input.TokenCode === undefined ? {} : { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '0' }),
    'aws:TagKeys': tags.map(({ Key }) => Key),
    'sts:TransitiveTagKeys': input.TransitiveTagKeys ?? [],
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
  };
}
