import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { callerKey } from '../../src/access/identity.ts';
import { DomainError } from '../../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Counts an answer that goes on against its caller. @returns what ends it @throws DomainError rate-limited */
    beginStream(): () => void;
  }
}

/** Of one caller at a time, of all kinds together: some tabs of a browser. */
const STREAMS_AT_MOST = 20;

export default fp(
  async (app) => {
    const open = new Map<string, Set<symbol>>();

    app.decorateRequest('beginStream', function beginStream(this: FastifyRequest) {
      const caller = callerKey(this.identity);
      const own = open.get(caller) ?? new Set();
      if (own.size >= STREAMS_AT_MOST)
        throw new DomainError('rate-limited', { max: STREAMS_AT_MOST, of: 'streams at a time', retryAfter: 60 });
      const stream = Symbol();
      open.set(caller, own.add(stream));
      return () => {
        own.delete(stream);
        if (own.size === 0 && open.get(caller) === own) open.delete(caller);
      };
    });
  },
  { name: 'stream-limit', dependencies: ['identity'] },
);
