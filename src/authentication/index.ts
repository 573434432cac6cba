import { createApiKeyAuthenticator } from './api-key.ts';
import type { AuthenticationDeps, ClosableAuthenticator } from './authenticator.ts';
import type { JwtConfig } from './jwt.ts';
import { createOpenAuthenticator } from './none.ts';

export type AuthConfig =
  | { mode: 'none' }
  /** `file`: a JSON array of keys (key-file.ts); it is read again when it changes. */
  | { mode: 'api-key'; file: string }
  | ({ mode: 'jwt' } & JwtConfig);

/**
 * Who calls, by one of three ways. With `jwt` it comes up although the issuer is down: the keys are fetched by the
 * first call that needs them.
 * @throws Error in one line when the configuration or the keys file is not valid
 */
export async function createAuthenticator(
  config: AuthConfig,
  deps: AuthenticationDeps,
): Promise<ClosableAuthenticator> {
  switch (config.mode) {
    case 'none':
      return createOpenAuthenticator();
    case 'api-key':
      return createApiKeyAuthenticator(config.file, deps);
    case 'jwt':
      return (await import('./jwt.ts')).createJwtAuthenticator(config, deps);
  }
}
