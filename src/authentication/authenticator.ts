import type { Logger } from 'pino';
import type { Identity } from '../access/identity.ts';
import type { Clock } from '../clock.ts';

export interface Authenticator {
  /**
   * @param credentials `address`: whose network they come from, for what guesses cost
   * @throws DomainError unauthenticated (plain words: missing, expired, wrong audience …; never why a signature failed in detail);
   *   rate-limited, overloaded
   */
  authenticate(credentials: { authorization?: string; apiKey?: string; address?: string }): Promise<Identity>;
}

export type AuthenticationDeps = { clock: Clock; log: Pick<Logger, 'info' | 'warn' | 'error'> };

/** `close` ends what watches for changes. */
export type ClosableAuthenticator = Authenticator & { close(): void };
