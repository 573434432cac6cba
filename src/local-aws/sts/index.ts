import Type from 'typebox';
import type { Call } from '../call.ts';
import { accessDenied } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { roleOperations } from './assume-role.ts';
import { DurationSeconds, durationOf, issueCredentials } from './session.ts';
import { webIdentityOperations } from './web-identity.ts';

/** AWS Security Token Service. Source: STS API Reference. */
export const stsOperations: Record<string, AwsOperation<Call>> = {
  GetCallerIdentity: operation(Type.Object({}), ({ caller }: Call) => ({
    Arn: caller.shownArn,
    UserId: caller.userId,
    Account: caller.account,
  })),

  /** A user's own temporary credentials; with a device's code they show that a device was there. */
  GetSessionToken: operation(
    Type.Object({ DurationSeconds, SerialNumber: optional(text(9, 256)), TokenCode: optional(text(6, 6, '^[0-9]+$')) }),
    (call: Call, input) => {
      const { caller } = call;
      if (caller.temporary) throw accessDenied('Cannot call GetSessionToken with session credentials');
      const seconds = durationOf(undefined, false, input.DurationSeconds ?? '43200');
      const session = { keys: { 'aws:MultiFactorAuthPresent': String(input.TokenCode !== undefined) } };
      return { Credentials: issueCredentials(call, caller.principal, null, seconds, session) };
    },
  ),

  ...roleOperations,
  ...webIdentityOperations,
};
