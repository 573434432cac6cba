import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { holdHeapSmall } from '../src/small-heap.ts';

type Streaming = Pick<FastifyRequest, 'beginStream'>;

/**
 * An answer that goes on. Whatever makes it is told at once when nobody takes it any more: a generator can't be ended while
 * it waits, and would go on looking until it has something to say.
 * @throws DomainError rate-limited for a caller who has too many at a time
 */
export function streamed(request: Streaming, make: (gone: AbortSignal) => AsyncIterable<string>): Readable {
  const end = request.beginStream();
  const gone = new AbortController();
  const stream = Readable.from(make(gone.signal));
  const destroy = stream._destroy.bind(stream);
  stream._destroy = (error, done) => {
    gone.abort();
    end();
    destroy(error, done);
  };
  return stream;
}

/** The same of everything that there is, in a heap that stays small meanwhile. */
export function exported(request: Streaming, make: (gone: AbortSignal) => AsyncIterable<string>): Readable {
  return streamed(request, make).once('close', holdHeapSmall());
}

/**
 * Aborts once the connection of an answer is closed, by whoever waited for it too. Until then it takes as long as it takes: the
 * server's own limit on silence does not close it.
 */
export function untilClosed(answer: Pick<ServerResponse, 'once' | 'socket'>): AbortSignal {
  const gone = new AbortController();
  if (answer.socket instanceof Socket) answer.socket.setTimeout(0);
  answer.once('close', () => gone.abort());
  return gone.signal;
}
