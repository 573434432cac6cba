import type { IncomingHttpHeaders } from 'node:http';
import type { LocalCaller } from '../call.ts';
import type { Directory } from '../directory/directory.ts';
import { AwsError } from '../protocol/errors.ts';
import type { PrincipalRecord } from '../records.ts';
import type { Store } from '../store.ts';

/** `service` is the one that the credential scope names. */
export type Credential = { accessKeyId: string; region: string; service: string; token: string | undefined };

/** Who has not signed. The account is nobody's. */
export const NOBODY: Credential = { accessKeyId: '', region: 'us-east-1', service: 'sts', token: undefined };
const ANONYMOUS: LocalCaller = {
  type: 'anonymous',
  arn: '',
  account: '',
  accessKeyId: '',
  shownArn: 'anonymous',
  userId: '',
  principal: {
    arn: '',
    type: 'user',
    partition: 'aws',
    account: '',
    name: '',
    uniqueId: '',
    policies: [],
    trustPolicy: null,
    tags: {},
  },
  temporary: false,
};

/**
 * Reads who calls from the Signature Version 4 header. The signature is not checked: any secret key will do.
 * Source: IAM User Guide, "Elements of an AWS API request signature".
 * @throws AwsError MissingAuthenticationTokenException or IncompleteSignatureException
 */
export function readCredential(headers: IncomingHttpHeaders): Credential {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const [, accessKeyId, region, service] =
    /^AWS4-HMAC-SHA256 .*\bCredential=([\w-]{1,128})\/\d{8}\/([a-z0-9-]{1,64})\/([a-z0-9-]+)\/aws4_request\b/.exec(
      authorization,
    ) ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) {
    throw new AwsError('IncompleteSignatureException', "Authorization header requires 'Credential' parameter.");
  }
  const token = headers['x-amz-security-token'];
  return { accessKeyId, region, service, token: typeof token === 'string' ? token : undefined };
}

/** @throws AwsError UnrecognizedClientException, or ExpiredTokenException once temporary credentials have ended */
export function callerOf(credential: Credential, now: Date, store: Store, directory: Directory): LocalCaller {
  if (credential === NOBODY) return ANONYMOUS;
  const key = store.get('accessKey', credential.accessKeyId);
  const principal = key && directory.findByUniqueId(key.uniqueId);
  if (key === undefined || principal === undefined || (key.temporary && key.temporary.token !== credential.token)) {
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (key.temporary && key.temporary.expiresAt <= now.getTime()) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
  }
  const temporary = key.temporary !== null;
  if (key.sessionName !== null)
    return { ...sessionOf(principal, key.sessionName, key.id), temporary, session: key.session };
  const { arn, account, uniqueId } = principal;
  const isBounded = principal.boundary !== undefined;
  const common = { accessKeyId: key.id, arn, account, uniqueId, isBounded, principal, temporary, session: key.session };
  return { ...common, type: 'user', shownArn: arn, userId: uniqueId };
}

/** A role in a session. Its ARN leaves out the role's path. */
export function sessionOf(role: PrincipalRecord, sessionName: string, accessKeyId: string): LocalCaller {
  const { arn, account, uniqueId, partition, name } = role;
  const sessionArn = `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
  const ids = { shownArn: sessionArn, userId: `${uniqueId}:${sessionName}` };
  const isBounded = role.boundary !== undefined;
  const common = { account, uniqueId, isBounded, accessKeyId, principal: role, temporary: true };
  return { type: 'assumedRole', arn, sessionArn, ...ids, ...common };
}
