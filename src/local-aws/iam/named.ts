import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError } from '../protocol/errors.ts';
import { text } from '../protocol/input.ts';
import type { PrincipalRecord, PrincipalType } from '../records.ts';

export const Name = text(1, 128, String.raw`^[\w+=,.@-]+$`);

/** The user, role or group of the caller's account, once the caller may do this to it. @throws AwsError NoSuchEntity */
export function authorizedPrincipal(call: Call, type: PrincipalType, name: string): PrincipalRecord {
  const { partition, caller, directory } = call;
  const principal = directory.findByName(partition, caller.account, type, name);
  authorizeOn(call, principal?.arn ?? arnOf(call, type, name, '/'));
  if (principal !== undefined) return principal;
  throw noSuchEntity(`The ${type} with name ${name} cannot be found.`);
}

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);

export const arnOf = (
  { partition, caller }: Call,
  type: PrincipalType | 'policy',
  name: string,
  path: string,
): string => `arn:${partition}:iam::${caller.account}:${type}${path}${name}`;

export const authorizeOn = (call: Call, arn: string): void =>
  authorize(call, call.action, { arn, account: call.caller.account, policy: null });

export function refuseTaken({ partition, caller, directory }: Call, type: PrincipalType, name: string): void {
  if (directory.findByName(partition, caller.account, type, name) === undefined) return;
  throw alreadyExists(type.charAt(0).toUpperCase() + type.slice(1), name);
}

export const alreadyExists = (what: string, name: string): AwsError =>
  new AwsError('EntityAlreadyExists', `${what} with name ${name} already exists.`, 409);
