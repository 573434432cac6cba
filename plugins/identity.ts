import fp from 'fastify-plugin';
import type { Requester } from '../src/access/change.ts';
import type { Authenticator, Identity } from '../src/access/ports.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
    requester(): Requester;
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
    app.decorateRequest('identity', null as unknown as Identity);
    app.decorateRequest('requester', function requester(): Requester {
      return {
        identity: this.identity,
        source: { ip: this.ip, userAgent: this.headers['user-agent']?.slice(0, 256) ?? null },
        requestId: this.id,
        traceId: this.traceId,
      };
    });
    app.addHook('onRequest', async (request) => {
      request.identity = NOBODY;
      if (request.routeOptions.config.public === true || request.is404) return;
      const { authorization } = request.headers;
      const apiKey = request.headers['x-api-key'];
      request.identity = await authenticator.authenticate({
        ...(authorization !== undefined && { authorization }),
        ...(typeof apiKey === 'string' && { apiKey }),
      });
    });
  },
  { name: 'identity', dependencies: ['request-context'] },
);
