import { DomainError } from '../problems/problem.ts';

/**
 * A subject goes into the audit log and into log lines: 1 to 255 characters, none of them a control character or a
 * line separator. The source of a regular expression, so that TypeBox can take it too.
 */
export const SUBJECT_PATTERN = String.raw`^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,255}$`;

/** What follows the scheme in an Authorization header (RFC 9110 section 11.4); undefined for another scheme. */
export function credentialsOf(authorization: string | undefined, ...schemes: string[]): string | undefined {
  const [, scheme, credentials] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization ?? '') ?? [];
  return scheme !== undefined && schemes.includes(scheme.toLowerCase()) ? credentials : undefined;
}

export const unauthenticated = (why: string): DomainError => new DomainError('unauthenticated', { why });
