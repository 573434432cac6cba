import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError, accessDenied } from '../protocol/errors.ts';

/** No operation here is about one resource. @throws AwsError AccessDeniedException */
export const authorizeAll = (call: Call): void =>
  authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });

/** @throws AwsError AWSOrganizationsNotInUseException */
export function ownOrganization({ accounts, caller, store }: Call) {
  const id = accounts.organizationOf(caller.account);
  const organization = id === null ? undefined : store.get('organization', id);
  if (organization !== undefined) return organization;
  throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}

/** That of the caller, who is of its management account: nobody is a delegated administrator here. @throws AwsError */
export function managedOrganization(call: Call) {
  authorizeAll(call);
  const organization = ownOrganization(call);
  if (organization.managementAccount === call.caller.account) return organization;
  throw accessDenied("You don't have permissions to access this resource.");
}
