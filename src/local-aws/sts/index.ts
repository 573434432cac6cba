import { randomBytes } from 'node:crypto';
import Type from 'typebox';
import { parseArn } from '../../policy/arn.ts';
import { statementsOf } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { newIamId } from '../enforcement/iam.ts';
import { shownPolicy } from '../enforcement/stored-policy.ts';
import { validationError } from '../protocol/errors.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';

const AssumeRoleInput = Type.Object({
  RoleArn: text(20, 2048),
  RoleSessionName: text(2, 64, String.raw`^[\w+=,.@-]*$`),
  ExternalId: optional(text(2, 1224, String.raw`^[\w+=,.@:/-]*$`)),
  DurationSeconds: optional(text(1, 6, String.raw`^\d+$`)),
});

/** AWS Security Token Service. Source: STS API Reference, AssumeRole and GetCallerIdentity. */
export const stsOperations: Record<string, Operation<Call>> = {
  GetCallerIdentity: operation(Type.Object({}), ({ caller }: Call) => ({
    Arn: caller.shownArn,
    UserId: caller.userId,
    Account: caller.account,
  })),

  AssumeRole: operation(AssumeRoleInput, (call: Call, input) => {
    refuseNarrowing(input);
    const duration = durationOf(call, input.DurationSeconds);
    const { directory, store } = call;
    const role = directory.find(input.RoleArn);
    const policy = role?.type === 'role' && role.trustPolicy ? shownPolicy(role.trustPolicy, directory) : null;
    authorize(
      call,
      call.action,
      {
        arn: input.RoleArn,
        account: parseArn(input.RoleArn)?.account ?? '',
        // A trust policy has no Resource: it is about the role that bears it.
        policy: policy && { ...policy, Statement: statementsOf(policy).map((one) => ({ ...one, Resource: '*' })) },
        policyRequired: true,
      },
      {
        'sts:RoleSessionName': input.RoleSessionName,
        ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
      },
    );
    if (role === undefined) throw new Error('a role without a trust policy cannot have been authorised');
    const expiresAt = call.now.getTime() + duration * 1000;
    const token = randomBytes(96).toString('base64');
    const id = newIamId('ASIA').slice(0, 20);
    const session = { id, uniqueId: role.uniqueId, sessionName: input.RoleSessionName };
    store.put('accessKey', id, { ...session, temporary: { token, expiresAt } });
    return {
      AssumedRoleUser: {
        AssumedRoleId: `${role.uniqueId}:${input.RoleSessionName}`,
        Arn: `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${input.RoleSessionName}`,
      },
      Credentials: {
        AccessKeyId: id,
        SecretAccessKey: randomBytes(30).toString('base64'),
        SessionToken: token,
        Expiration: new Date(expiresAt).toISOString(),
      },
    };
  }),
};

/** Session policies and tags would narrow or widen the session; ignoring them silently would lie about access. */
function refuseNarrowing(input: object): void {
  const unsupported = Object.keys(input).find((name) =>
    /^(Policy|PolicyArns|Tags|TransitiveTagKeys|SerialNumber|TokenCode|SourceIdentity|ProvidedContexts)(\.|$)/.test(
      name,
    ),
  );
  if (unsupported !== undefined) throw validationError(`The local stand-in does not support ${unsupported}.`);
}

/** Seconds: 900 to 43,200, by default one hour, which is also the limit when a role assumes a role. */
function durationOf(call: Call, text = '3600'): number {
  const duration = Number(text);
  if (duration < 900 || duration > 43_200) {
    throw validationError(
      "1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200",
    );
  }
  if (call.caller.type === 'assumedRole' && duration > 3600) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return duration;
}
