import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Test } from 'tap';

export const AUDIENCE = 'https://secrets.example.com';

type SigningKey = { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK };

export async function createSigningKey(kid: string, alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An OpenID Connect issuer on loopback, of which a test can take the keys away, stall it and stop it. */
export async function startIssuer(t: Test) {
  const state = {
    keys: [] as JWK[],
    redirect: '',
    behaviour: 'up' as 'up' | 'down' | 'stalled',
    document: {} as object,
  };
  const requests = { discovery: 0, keys: 0 };
  const server = createServer((request, response) => {
    const asksForKeys = request.url === '/jwks';
    requests[asksForKeys ? 'keys' : 'discovery'] += 1;
    if (state.behaviour === 'stalled') return;
    if (state.redirect !== '') return void response.writeHead(302, { location: state.redirect }).end();
    response.writeHead(state.behaviour === 'down' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(asksForKeys ? { keys: state.keys } : { issuer, jwks_uri: `${issuer}/jwks`, ...state.document }),
    );
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  t.teardown(close);
  return {
    issuer,
    state,
    requests,
    close,
    reopen: () => listen(port),
    /** A token as this issuer would sign it at `at`, good for five minutes; undefined takes a claim away. */
    sign(key: SigningKey, at: Date, claims: Record<string, unknown> = {}, header: object = {}): Promise<string> {
      const now = Math.floor(at.getTime() / 1_000);
      const payload = { iss: issuer, aud: AUDIENCE, sub: 'mary', iat: now, exp: now + 300, ...claims };
      return new SignJWT(payload as JWTPayload)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey);
    },
  };
}
