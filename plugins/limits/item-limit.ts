import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { callerKey } from '../../src/access/identity.ts';
import { createLru } from '../../src/lru.ts';
import { DomainError } from '../../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Counts the items of a bulk request against its caller. @throws DomainError rate-limited, when nothing was counted */
    spendItems(items: number): void;
  }
}

const MINUTE_MS = 60_000;
/** Callers that are counted at once; who was quiet the longest is forgotten first. */
const MAX_CALLERS = 10_000;

/**
 * A caller has as many items a minute as requests, apart from them, so that looking how far they are is not refused. What is
 * larger than a minute's worth is taken by who has asked for nothing yet, and counts in the minutes that follow.
 */
export default fp<{ max: number }>(
  async (app, { max }) => {
    /** Items left, and since when; below zero where more were taken than a minute has. */
    const accounts = createLru<{ left: number; at: number }>(MAX_CALLERS);

    app.decorateRequest('spendItems', function spendItems(this: FastifyRequest, items: number) {
      const now = performance.now();
      const account = accounts.get(callerKey(this.identity), () => ({ left: max, at: now }));
      account.left = Math.min(max, account.left + ((now - account.at) / MINUTE_MS) * max);
      account.at = now;
      const lacking = Math.min(items, max) - account.left;
      if (lacking > 0) {
        throw new DomainError('rate-limited', {
          max,
          of: 'items of bulk requests a minute',
          retryAfter: Math.ceil((lacking / max) * (MINUTE_MS / 1_000)),
        });
      }
      account.left -= items;
    });
  },
  { name: 'item-limit', dependencies: ['identity'] },
);
