import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Identity } from '../access/identity.ts';
import { DomainError } from '../problems/problem.ts';
import type { AuthenticationDeps, ClosableAuthenticator } from './authenticator.ts';
import { credentialsOf, SUBJECT_PATTERN, unauthenticated } from './credentials.ts';
import { createIssuerKeys } from './issuer-keys.ts';

export type JwtConfig = {
  /** As in the tokens' `iss`, to the letter. https, or http on loopback. */
  issuer: string;
  audience: string;
  /** Where the keys are; without it the issuer's OpenID Connect discovery says so. */
  jwksUrl?: string;
  /** The claim that lists the caller's groups; `groups` by default. */
  groupsClaim?: string;
  /** The claim that lists the caller's scopes; by default `scope` (RFC 9068), else `scp` (Entra ID, Okta). */
  scopesClaim?: string;
  /** By how many seconds our clock and the issuer's may differ, 0 to 300; 30 by default. */
  clockSkewSeconds?: number;
};

/** Signatures by a key that only the issuer has. Never HS*: its key would be ours as well; never none. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const MAX_TOKEN_CHARACTERS = 8_192;
const subjectPattern = new RegExp(SUBJECT_PATTERN);

/**
 * Access tokens of one issuer for one audience (RFC 9068 as far as issuers follow it).
 * @throws Error in one line when the configuration is not valid
 */
export function createJwtAuthenticator(config: JwtConfig, deps: AuthenticationDeps): ClosableAuthenticator {
  const { issuer, audience, clockSkewSeconds = 30 } = config;
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= 300)) {
    throw new Error(`the clock skew takes 0 to 300 seconds, not ${clockSkewSeconds}`);
  }
  if (audience === '') throw new Error('the audience must not be empty');
  const keys = createIssuerKeys(config, deps);
  const options: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: clockSkewSeconds,
    requiredClaims: ['exp', 'sub'],
  };

  return {
    close() {},
    async authenticate({ authorization }) {
      const token = credentialsOf(authorization, 'bearer');
      if (token === undefined) throw new DomainError('unauthenticated', { missing: 'token' });
      if (token.length > MAX_TOKEN_CHARACTERS) {
        throw unauthenticated(`The token is longer than ${MAX_TOKEN_CHARACTERS} characters.`);
      }
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, { ...options, currentDate: deps.clock() });
        requireBearerAccessToken(protectedHeader.typ, payload);
        return identityOf(payload, config);
      } catch (error) {
        if (error instanceof DomainError) throw error;
        if (error instanceof errors.JOSEError) throw unauthenticated(inPlainWords(error));
        // A key of the issuer's that can't be used (RSA below 2,048 bits): for its operator, not for the caller.
        deps.log.warn({ err: error, issuer }, 'a token could not be checked');
        throw unauthenticated('The token is not valid.');
      }
    },
  };
}

/**
 * A signature alone is not enough: issuers sign logout tokens and the like with the same keys (RFC 8725 section 3.11).
 * Many sign access tokens as plain JWT or without `typ`. A token bound to a key (`cnf`: DPoP, mutual TLS) is worth
 * nothing without proof of that key, which we do not take, so it must not pass as a bearer token.
 */
function requireBearerAccessToken(typ: string | undefined, payload: JWTPayload): void {
  if (typ !== undefined && !/^(application\/)?(at\+)?jwt$/i.test(typ)) {
    throw unauthenticated('The token is not an access token.');
  }
  if (payload['cnf'] !== undefined) {
    throw unauthenticated('The token is bound to a key (DPoP or mutual TLS); a bearer token is needed.');
  }
}

function identityOf(payload: JWTPayload, { issuer, groupsClaim = 'groups', scopesClaim }: JwtConfig): Identity {
  const subject: unknown = payload.sub;
  if (typeof subject !== 'string' || !subjectPattern.test(subject)) {
    throw unauthenticated('The token\'s "sub" takes 1 to 255 characters, no control characters.');
  }
  const scopes = scopesClaim === undefined ? (payload['scope'] ?? payload['scp']) : payload[scopesClaim];
  const groups = payload[groupsClaim];
  return {
    subject,
    issuer,
    method: 'jwt',
    // A group's name may contain spaces, a scope can't (RFC 6749 section 3.3).
    groups: typeof groups === 'string' ? [groups] : textsIn(groups),
    scopes: typeof scopes === 'string' ? scopes.split(' ').filter(Boolean) : textsIn(scopes),
  };
}

const textsIn = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((item): item is string => typeof item === 'string') : [];

/** Says what the token's holder can act on; whether key or signature was wrong is nobody's business. */
function inPlainWords(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed in a way that is not accepted.';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'The token is not valid.';
  if (error.reason === 'missing') return `The token has no "${error.claim}".`;
  if (error.claim === 'aud') return 'The token is for another audience.';
  if (error.claim === 'iss') return 'The token is from another issuer.';
  if (error.claim === 'nbf' && error.reason === 'check_failed') return 'The token is not valid yet.';
  return `The token's "${error.claim}" is not valid.`;
}
