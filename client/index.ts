import createFetchClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

export type { components, paths };
export type SecretAccessClient = Client<paths>;
export type Change = components['schemas']['Change'];
export type Problem = components['schemas']['Problem'];

export type Credentials = { bearer: string } | { apiKey: string } | Record<string, never>;

/**
 * A client for one service, typed from its OpenAPI document. Every call resolves to `{ data }` or `{ error: Problem }`;
 * it rejects only when no answer came at all. Give each change an `Idempotency-Key` and repeat it when that happens, or
 * when the problem is `retryable`: the service finds out what became of the first.
 * @param baseUrl `https://secret-access.internal`
 * @throws TypeError for credentials that no header can hold, without showing them
 */
export function createSecretAccessClient(baseUrl: string, credentials: Credentials = {}): SecretAccessClient {
  // fetch would say so with the key in its words.
  if (Object.values(credentials).some((word) => !/^[!-~]+$/.test(word)))
    throw new TypeError(
      'The API key or token is empty, or has a space, a line break or another character that none has.',
    );
  return createFetchClient<paths>({
    baseUrl,
    // Credentials go to this service alone; it never redirects a call.
    redirect: 'error',
    headers: {
      ...('bearer' in credentials && { authorization: `Bearer ${credentials.bearer}` }),
      ...('apiKey' in credentials && { 'x-api-key': credentials.apiKey }),
    },
  });
}
