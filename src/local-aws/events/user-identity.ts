import type { LocalCaller } from '../call.ts';

/** Who called, as its own account's record shows it. Source: CloudTrail User Guide, "CloudTrail userIdentity element". */
export function userIdentity({ type, principal, session, shownArn, userId, account, accessKeyId }: LocalCaller) {
  const common = { principalId: userId, arn: shownArn, accountId: account, accessKeyId };
  const attributes = session && {
    creationDate: new Date(session.issuedAt).toISOString().replace(/\.\d+/, ''),
    mfaAuthenticated: String(session.keys?.['aws:MultiFactorAuthPresent'] ?? 'false'),
  };
  if (type === 'user') {
    const context = attributes && { sessionContext: { attributes } };
    return { type: 'IAMUser', ...common, userName: principal.name, ...context };
  }
  const { uniqueId: principalId, arn, account: accountId, name: userName } = principal;
  const sessionIssuer = { type: 'Role', principalId, arn, accountId, userName };
  return { type: 'AssumedRole', ...common, sessionContext: { sessionIssuer, ...(attributes && { attributes }) } };
}

/** The same, as the account sees it that owns what another one's principal acted upon: without its name. */
export const foreignIdentity = ({ userId, account }: LocalCaller) => ({
  type: 'AWSAccount',
  principalId: userId,
  accountId: account,
});
