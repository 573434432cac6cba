import * as oauth from 'oauth4webapi';
import { BASE, go } from './router.js';
import { KEPT } from './sign-in.js';

/** How people sign in with an issuer: authorization code with PKCE (RFC 9700, 2.1.1), by a client that has no secret. */
/** @typedef {{ issuer: string, clientId: string, scope: string }} Issuer */
/** What must still be known when somebody comes back. @typedef {{ verifier: string, state: string, nonce: string, back: string }} Begun */

const redirectUri = `${location.origin}${BASE}/signed-in`;

/** An issuer on loopback is for trying: the service takes no other without TLS. @param {Issuer} issuer */
const manner = ({ issuer }) => ({ [oauth.allowInsecureRequests]: issuer.startsWith('http:') });

/** What the issuer says of itself. @param {Issuer} issuer */
async function serverOf(issuer) {
  const url = new URL(issuer.issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, manner(issuer)));
}

/** Leaves for the issuer. Its answer comes to `redirectUri`, once. @param {Issuer} issuer */
export async function leaveFor(issuer) {
  const server = await serverOf(issuer);
  const begun = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    back: location.pathname + location.search,
  };
  sessionStorage.setItem(KEPT, JSON.stringify(begun));
  const url = new URL(server.authorization_endpoint ?? '');
  const asked = {
    response_type: 'code',
    client_id: issuer.clientId,
    redirect_uri: redirectUri,
    scope: issuer.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  location.assign(url);
}

/**
 * The token of somebody who comes back, and where they sign out.
 * @param {Issuer} issuer
 * @param {URL} answer where they came to
 * @param {string | null} kept of when they left
 * @returns {Promise<{ token: string, end: URL | null }>}
 * @throws {Error} where the answer is not to what was asked here, or the issuer refuses
 */
export async function sessionOf(issuer, answer, kept) {
  const begun = /** @type {Begun | null} */ (JSON.parse(kept ?? 'null'));
  if (begun === null) throw new Error('nobody began to sign in here.');
  go(begun.back, { replace: true });
  const { verifier, state, nonce } = begun;
  const server = await serverOf(issuer);
  const client = { client_id: issuer.clientId };
  const parameters = oauth.validateAuthResponse(server, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(
    ...[server, client, oauth.None(), parameters, redirectUri, verifier, manner(issuer)],
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return { token: tokens.access_token, end: endOf(server, client, tokens) };
}

/**
 * OpenID Connect RP-Initiated Logout 1.0, 2. The issuer keeps them, and says so: to be led back here takes an address that
 * it must know.
 * @param {oauth.AuthorizationServer} server @param {oauth.Client} client @param {oauth.TokenEndpointResponse} tokens
 */
function endOf({ end_session_endpoint: end }, { client_id: clientId }, { id_token: idToken = '' }) {
  if (end === undefined) return null;
  const url = new URL(end);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('id_token_hint', idToken);
  return url;
}
