import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../src/problems/problem.ts';
import { isLoopback } from '../src/secure-url.ts';

/**
 * Without authentication whoever reaches the service may do everything, and every page that a browser of this machine shows
 * reaches it: by a name of its own that leads to loopback (DNS rebinding), or by a request across sites. Only requests that
 * were made for a loopback address, and by no foreign page, are let in.
 */
export default fp(
  async (app) => {
    app.addHook('onRequest', async ({ headers }) => {
      const why = foreign(headers);
      if (why !== undefined) throw new DomainError('unauthenticated', { why });
    });
  },
  { name: 'this-machine-only', dependencies: ['problems'] },
);

function foreign({ host, origin, 'sec-fetch-site': site }: FastifyRequest['headers']): string | undefined {
  if (host !== undefined && !isLoopback(nameOf(host)))
    return 'Without authentication (AUTH_MODE=none) it answers to names of this machine only: localhost, 127.0.0.1, [::1].';
  const isOwnPage = origin === undefined || origin === `http://${host}`;
  if (isOwnPage && (site === undefined || site === 'same-origin' || site === 'none')) return undefined;
  return 'Without authentication (AUTH_MODE=none) it takes no requests that pages of other sites make.';
}

/** A host without its port, an IPv6 address without its brackets. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
