import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { callerKey } from '../../src/access/identity.ts';
import { DomainError } from '../../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Counts the request against its caller. @throws DomainError rate-limited */
    spend(): Promise<void>;
    /** Counts a body of so many bytes as further requests, one for each 64 KiB. @throws DomainError rate-limited */
    spendBytes(bytes: number): Promise<void>;
  }
  interface FastifyContextConfig {
    /** A probe of whoever runs the service: answered however busy it is, and not counted. */
    probe?: boolean;
  }
}

const MINUTE_MS = 60_000;
/** What a body may hold that costs no more than its request. */
const BYTES_OF_ONE = 65_536;
/** Callers that are counted at once; who was quiet the longest is forgotten first. */
const MAX_CALLERS = 10_000;

/**
 * A number of requests a minute for each caller, in the memory of this replica. Counted by identity once there is one,
 * else by address: credentials are checked first, so that a caller with good ones is never shut out by others behind
 * the same address.
 */
export default fp<{ max: number }>(
  async (app, { max }) => {
    await app.register(rateLimit, {
      global: false,
      max,
      timeWindow: MINUTE_MS,
      cache: MAX_CALLERS,
      keyGenerator: callerOf,
    });
    const count = app.createRateLimit();

    app.decorateRequest('spend', async function spend(this: FastifyRequest) {
      if (this.routeOptions.config.probe === true) return;
      const counted = await count(this);
      if (counted.isAllowed || !counted.isExceeded) return;
      throw new DomainError('rate-limited', { max, retryAfter: counted.ttlInSeconds });
    });
    app.decorateRequest('spendBytes', async function spendBytes(this: FastifyRequest, bytes: number) {
      for (let left = bytes - BYTES_OF_ONE; left > 0; left -= BYTES_OF_ONE) await this.spend();
    });
  },
  { name: 'rate-limit' },
);

function callerOf({ identity, ip }: FastifyRequest): string {
  return identity.method === 'none' ? ip : callerKey(identity);
}
