import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { AUDIENCE } from '../authentication/issuer.ts';
import { listenAsProvider } from '../authentication/real-provider.ts';

/** A real OpenID Connect provider, whose own pages let anybody in under any name. It listens before it knows its clients. */
export async function startProvider(t: Test, { client, groups }: { client: string; groups: string[] }) {
  const { issuer, serve } = await listenAsProvider(t);
  return {
    issuer,
    serve(redirectUri: string) {
      serve({
        clients: [
          {
            client_id: client,
            token_endpoint_auth_method: 'none',
            grant_types: ['authorization_code'],
            response_types: ['code'],
            redirect_uris: [redirectUri],
            id_token_signed_response_alg: 'ES256',
          },
        ],
        scopes: ['policy:read', 'policy:write', 'audit:read'],
        clientBasedCORS: () => true,
        extraTokenClaims: () => ({ groups }),
        features: {
          resourceIndicators: {
            enabled: true,
            defaultResource: () => AUDIENCE,
            useGrantedResource: () => true,
            getResourceServerInfo: (_context: unknown, audience: string) => ({
              scope: 'policy:read policy:write audit:read',
              audience,
              accessTokenTTL: 300,
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'ES256' } },
            }),
          },
        },
      });
    },
  };
}

/** Signs in at the provider, and says yes. */
export async function letIn(page: Page, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}
