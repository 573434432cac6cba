import { isSecureUrl } from '../secure-url.ts';
import { startDeadline } from '../turns/deadline.ts';

/** What an issuer says of itself, as far as we ask. */
type Discovered = {
  issuer: string;
  jwks_uri?: string;
  authorization_endpoint?: string;
  token_endpoint?: string;
};

const TIMEOUT_MS = 3_000;

/** Gives an issuer 3 seconds for all that is asked of it at once. @throws Error when it takes longer */
export async function askIssuer<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const callOff = startDeadline(TIMEOUT_MS, () => late.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  try {
    return await ask(late.signal);
  } finally {
    callOff();
  }
}

/**
 * Asks an issuer where its keys and endpoints are. Source: OpenID Connect Discovery 1.0, section 4; `issuer` must be the
 * one that was asked (4.3).
 * @throws Error when it does not answer, answers for another issuer, or names a URL that is not secure
 */
export async function discover(issuer: string, signal: AbortSignal): Promise<Discovered> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await fetchJson(url, signal)) as Record<string, unknown> | null;
  if (found?.['issuer'] !== issuer) throw new Error(`${url} is of the issuer ${JSON.stringify(found?.['issuer'])}`);
  const named = ['jwks_uri', 'authorization_endpoint', 'token_endpoint'].flatMap((name) => {
    const value = found[name];
    if (typeof value !== 'string') return [];
    requireSecure(value);
    return [[name, value]];
  });
  return { issuer, ...Object.fromEntries(named) };
}

/** @throws Error when it does not answer with JSON */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  return response.json();
}

/** @throws Error unless it is https, or http on loopback: whoever can change an answer on its way is anybody */
export function requireSecure(url: string): void {
  if (!isSecureUrl(url)) throw new Error(`${url} must be an https URL (http on loopback only)`);
}
