import type { Logger } from 'pino';
import type { Identity } from '../access/identity.ts';
import type { Clock } from '../clock.ts';

export interface Authenticator {
  /** @throws DomainError unauthenticated (plain words: missing, expired, wrong audience …; never why a signature failed in detail) */
  authenticate(credentials: { authorization?: string; apiKey?: string }): Promise<Identity>;
}

export type AuthenticationDeps = { clock: Clock; log: Pick<Logger, 'info' | 'warn' | 'error'> };

/** `close` ends what watches for changes. */
export type ClosableAuthenticator = Authenticator & { close(): void };
