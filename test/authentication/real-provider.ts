import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Test } from 'tap';

// oidc-provider comes without types.
type ProviderClass = new (issuer: string, configuration: object) => { callback(): RequestListener };
const { default: Provider }: { default: ProviderClass } = await import('oidc-provider' as string);

/** A real OpenID Connect provider on loopback, which signs by ES256. It listens before it knows its clients. */
export async function listenAsProvider(t: Test) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'es-1' }] };
  return {
    issuer,
    serve(configuration: object) {
      server.on('request', new Provider(issuer, { jwks, ...configuration }).callback());
    },
  };
}
