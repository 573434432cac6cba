import type { AuthConfig } from '../authentication/index.ts';
import { isLoopback } from '../secure-url.ts';
import type { Variables } from './variables.ts';

const AUTH_MODES = ['jwt', 'api-key', 'none'] as const;
const CLAIM = /^[\x21-\x7e]{1,256}$/;

export function readAuth(variables: Variables, host: string): AuthConfig {
  const { wrong, required, oneOf, secureUrl } = variables;
  const mode = oneOf('AUTH_MODE', 'jwt', AUTH_MODES);
  if (mode === 'none' && !isLoopback(host))
    wrong('AUTH_MODE', `that only with a loopback HOST, and HOST is ${JSON.stringify(host)}`);
  if (mode === 'none' || mode === undefined) return { mode: 'none' };
  if (mode === 'api-key')
    return { mode, file: required('API_KEYS_FILE', 'the path of a key file, with AUTH_MODE api-key') };
  const claim = (name: string) => variables.matching(name, CLAIM, 'the name of a claim, without spaces');
  const jwksUrl = secureUrl('JWKS_URL', 'the URL of the issuer’s keys');
  const groupsClaim = claim('JWT_GROUPS_CLAIM');
  const scopesClaim = claim('JWT_SCOPES_CLAIM');
  return {
    mode,
    issuer:
      secureUrl('JWT_ISSUER', 'the issuer’s URL') ?? required('JWT_ISSUER', 'the issuer’s URL, with AUTH_MODE jwt'),
    audience: required('JWT_AUDIENCE', 'the audience that tokens are for, with AUTH_MODE jwt'),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    ...(scopesClaim !== undefined && { scopesClaim }),
    clockSkewSeconds: variables.integer('JWT_CLOCK_SKEW_SECONDS', 30, 0, 300),
  };
}
