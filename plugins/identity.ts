import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import ipaddr from 'ipaddr.js';
import type { Identity, Requester } from '../src/access/identity.ts';
import type { Authenticator } from '../src/authentication/authenticator.ts';
import { DomainError } from '../src/problems/problem.ts';
import { withoutCredentials } from '../src/without-credentials.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
    /** The same object however often it is asked for. */
    requester(): Requester;
    madeBy: Requester | null;
    /** Whether its credentials still say who it is, with the same groups and scopes: for an answer that goes on. */
    isStillKnown(): Promise<boolean>;
  }
  interface FastifyContextConfig {
    /** Anybody may call it. Every other route needs an identity. */
    public?: boolean;
  }
}

const NOBODY: Identity = { subject: 'nobody', issuer: null, method: 'none', groups: [], scopes: [] };

/** Authenticates every request that is not public, before its body is read. */
export default fp<{ authenticator: Authenticator }>(
  async (app, { authenticator }) => {
    app.decorateRequest('identity');
    app.decorateRequest('madeBy', null);
    app.decorateRequest('requester', function requester(): Requester {
      this.madeBy ??= {
        identity: this.identity,
        source: { ip: addressOf(this), userAgent: userAgentOf(this) },
        requestId: this.id,
        traceId: this.traceId,
      };
      return this.madeBy;
    });
    app.decorateRequest('isStillKnown', async function isStillKnown(this: FastifyRequest) {
      try {
        return isDeepStrictEqual(await authenticator.authenticate(credentialsOf(this)), this.identity);
      } catch (error) {
        if (error instanceof DomainError) return false;
        throw error;
      }
    });
    app.addHook('onRequest', async (request) => {
      request.identity = NOBODY;
      if (request.routeOptions.config.public === true || request.is404) return request.spend();
      try {
        request.identity = await authenticator.authenticate(credentialsOf(request));
      } finally {
        // Also when nobody was known: that counts against the address.
        await request.spend();
      }
    });
  },
  { name: 'identity', dependencies: ['request-ids', 'rate-limit'] },
);

function credentialsOf({ headers, ip }: FastifyRequest): Parameters<Authenticator['authenticate']>[0] {
  const { authorization } = headers;
  const apiKey = headers['x-api-key'];
  return {
    ...(authorization !== undefined && { authorization }),
    ...(typeof apiKey === 'string' && { apiKey }),
    address: networkOf(ip),
  };
}

/** A trusted proxy may hand on what a client wrote into X-Forwarded-For: only an address is taken. */
const addressOf = ({ ip, socket }: FastifyRequest): string | null =>
  isIP(ip) === 0 ? (socket.remoteAddress ?? null) : ip;

/** Credentials that somebody pasted there stay out of the journal. */
const userAgentOf = ({ headers }: FastifyRequest): string | null =>
  headers['user-agent'] === undefined ? null : withoutCredentials(headers['user-agent'], headers).slice(0, 256);

/** Whoever has one address of IPv6 has all of its /64. */
function networkOf(ip: string): string {
  if (isIP(ip) !== 6 || ip.includes('.')) return ip;
  return ipaddr.IPv6.parse(ip)
    .parts.slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
