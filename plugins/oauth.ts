import type { FastifyBaseLogger } from 'fastify';
import type { SCOPES } from '../src/access/identity.ts';
import { askIssuer, discover } from '../src/authentication/discovery.ts';

/** Between two tries while the issuer is down. */
const COOLDOWN_MS = 10_000;

export type OAuthEndpoints = { authorizationUrl: string; tokenUrl: string };

/**
 * Where people are sent to sign in. The issuer is asked at the start, and again when the page is opened while it
 * has not answered: it may come up after us. Null until then.
 */
export function createOAuthEndpoints(issuer: string, log: FastifyBaseLogger): () => Promise<OAuthEndpoints | null> {
  let known: OAuthEndpoints | null = null;
  let asking: Promise<OAuthEndpoints | null> | undefined;

  async function ask(): Promise<OAuthEndpoints | null> {
    try {
      const found = await askIssuer((signal) => discover(issuer, signal));
      const { authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl } = found;
      if (authorizationUrl === undefined || tokenUrl === undefined) throw new Error(`${issuer} names no endpoints`);
      known = { authorizationUrl, tokenUrl };
    } catch (err) {
      log.warn({ err, issuer }, 'the issuer could not be asked where people sign in: pages go without');
      setTimeout(() => {
        asking = undefined;
      }, COOLDOWN_MS).unref();
    }
    return known;
  }

  return () => {
    asking ??= ask();
    return asking;
  };
}

/** What the guardrails that ship know; Swagger UI asks for all, the issuer gives what the person has. */
export const scopes = {
  'policy:read': 'See policies, and who can read a secret',
  'access:request': 'Ask for access to secrets that others look after',
  'incident:write': 'Freeze secrets, evict somebody from all of them, and lift that',
  'estate:read': 'See how far surveys of all accounts and Regions are, and have one made',
  'policy:write': 'Share, deny, restrict, revoke',
  'audit:read': 'Read the audit log',
} satisfies Record<(typeof SCOPES)[number], string>;

/** The security scheme that makes Swagger UI offer it. */
export const oauth2 = (endpoints: OAuthEndpoints) => ({
  type: 'oauth2' as const,
  description: 'AUTH_MODE jwt: sign in with the issuer (authorization code with PKCE).',
  flows: { authorizationCode: { ...endpoints, scopes } },
});

type Client = { issuer: string; clientId: string };

/** How people sign in to the console; null while the issuer has not said where. */
export function createSignIn({ issuer, clientId }: Client, log: FastifyBaseLogger) {
  const endpoints = createOAuthEndpoints(issuer, log);
  const scope = ['openid', ...Object.keys(scopes)].join(' ');
  return async () => {
    const known = await endpoints();
    return known && { issuer, clientId, ...known, scope };
  };
}
