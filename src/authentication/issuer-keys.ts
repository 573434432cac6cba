import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { isWithin } from '../clock.ts';
import { DomainError } from '../problems/problem.ts';
import type { AuthenticationDeps } from './authenticator.ts';
import { askIssuer, discover, fetchJson, requireSecure } from './discovery.ts';

const FRESH_MS = 600_000;
/** Longer than tokens live: an issuer that is down that long has given none that we could check. */
const USABLE_MS = 24 * 3_600_000;
/** Between two fetches, whatever callers send: 30 s after one that worked, 5 s after one that failed. */
const COOLDOWN_MS = 30_000;
const RETRY_MS = 5_000;

/**
 * The issuer's public keys, fetched when a token needs them: the first, keys older than 10 minutes (so that a
 * withdrawn key stops working), and a key id that we don't know (so that a new key works at once). While the issuer is
 * down, the keys that we have go on for a day.
 *
 * jose's own createRemoteJWKSet refuses every token once its keys are 10 minutes old and the issuer is down, and has no
 * cooldown after a failure.
 *
 * The function it returns throws `overloaded` (503), not `unauthenticated`, when the issuer can't be asked about a
 * key: the token may be good. With 401 a client would throw it away and ask the issuer, which is in trouble, for
 * another; with 503 it waits and repeats, and our operators see that the fault is not the caller's.
 *
 * @throws Error when a URL is neither https nor http on loopback: whoever can change the keys on their way is anybody
 */
export function createIssuerKeys(
  { issuer, jwksUrl }: { issuer: string; jwksUrl?: string },
  { clock, log }: AuthenticationDeps,
): JWTVerifyGetKey {
  requireSecure(issuer);
  if (jwksUrl !== undefined) requireSecure(jwksUrl);

  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let pending: Promise<void> | undefined;
  const isWithinNow = (ms: number, since: number) => isWithin(ms, since, clock().getTime());

  /** At most one fetch at a time, which all wait for. */
  function refresh(): Promise<void> {
    if (pending === undefined && !isWithinNow(failed ? RETRY_MS : COOLDOWN_MS, attemptedAt)) {
      pending = fetchKeys(issuer, jwksUrl)
        .then((fetched) => {
          keys = createLocalJWKSet(fetched);
          fetchedAt = clock().getTime();
          failed = false;
        })
        .catch((err) => {
          failed = true;
          log.warn({ err, issuer }, "the issuer's keys could not be fetched");
        })
        .finally(() => {
          attemptedAt = clock().getTime();
          pending = undefined;
        });
    }
    return pending ?? Promise.resolve();
  }

  return async (header, token) => {
    if (!isWithinNow(FRESH_MS, fetchedAt)) await refresh();
    if (keys === undefined || !isWithinNow(USABLE_MS, fetchedAt)) throw issuerUnavailable();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      if (failed) throw issuerUnavailable();
      return await keys(header, token);
    }
  };
}

const issuerUnavailable = () =>
  new DomainError('overloaded', {
    why: "The token can't be checked now: the issuer does not answer with its keys.",
    retryAfter: RETRY_MS / 1_000,
  });

const fetchKeys = (issuer: string, jwksUrl: string | undefined): Promise<JSONWebKeySet> =>
  askIssuer(async (signal) => {
    const url = jwksUrl ?? (await discover(issuer, signal)).jwks_uri;
    if (url === undefined) throw new Error(`the issuer ${issuer} names no jwks_uri`);
    return (await fetchJson(url, signal)) as JSONWebKeySet;
  });
