import type { Logger } from 'pino';
import type { Authenticator } from '../access/ports.ts';

export type AuthenticationDeps = { clock: () => Date; log: Pick<Logger, 'info' | 'warn' | 'error'> };

/** `close` ends what watches for changes. */
export type ClosableAuthenticator = Authenticator & { close(): void };
