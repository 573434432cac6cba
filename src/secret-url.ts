/** Of the path, where the query names the secret: `/v1/secrets/-/policy?secretId=…`. */
export const IN_QUERY = '-';

/**
 * What is wrong with the name of a secret for a path, where proxies and clients resolve dot segments, merge slashes and
 * strip them at the ends (RFC 3986 section 6.2.2.3; nginx merge_slashes; Envoy normalize_path), before or after they decode:
 * the call would reach another secret. Null when it comes through. An ARN contains the name.
 */
export function lostInPath(secretId: string): 'a dot segment' | 'an empty segment' | null {
  const segments = nameIn(secretId).split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'a dot segment';
  return segments.includes('') ? 'an empty segment' : null;
}

/** The address of a secret's resource, from the root. @param rest `/policy`, for example; none for the secret itself */
export function secretUrl(secretId: string, rest = ''): string {
  const encoded = encodeURIComponent(secretId);
  return secretId === IN_QUERY || lostInPath(secretId) !== null
    ? `/v1/secrets/${IN_QUERY}${rest}?secretId=${encoded}`
    : `/v1/secrets/${encoded}${rest}`;
}

/** `arn:partition:secretsmanager:region:account:secret:name`; an ARN of something else is its own name. */
const nameIn = (secretId: string): string =>
  secretId.startsWith('arn:') && secretId.split(':').length > 6 ? secretId.split(':').slice(6).join(':') : secretId;
