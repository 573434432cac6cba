import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SILENCE_MS } from '../src/access/watching.ts';
import { streamed } from './streamed.ts';

/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), one text each. */
export const EVENT_STREAM = 'text/event-stream';

export const serverEvent = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A comment now and then, since proxies close connections that are silent for a minute. */
const STILL_THERE = ': nothing new\n\n';

type Watched<Event> = {
  /** What is new; null where nothing was for a while. What it throws at once is the answer. */
  watch(gone: AbortSignal): AsyncIterable<Event | null>;
  tell(event: Event): string;
  /** What is told at once. */
  opening?: string;
};

/**
 * An answer of events as they come. It ends once the credentials of who watches are valid no more, or say somebody else: they are looked
 * at with each silence and every 15 s, so that a key that is taken away ends what it began.
 */
export function watched<Event>(
  request: Pick<FastifyRequest, 'isStillKnown' | 'beginStream'>,
  reply: FastifyReply,
  { watch, tell, opening = '' }: Watched<Event>,
): Readable {
  reply.type(EVENT_STREAM);
  return streamed(request, (gone) => textsOf(watch(gone)));

  async function* textsOf(events: AsyncIterable<Event | null>): AsyncGenerator<string> {
    if (opening !== '') yield opening;
    let looked = performance.now();
    for await (const event of events) {
      if (event === null || performance.now() - looked >= SILENCE_MS) {
        if (!(await request.isStillKnown())) return;
        looked = performance.now();
      }
      yield event === null ? STILL_THERE : tell(event);
    }
  }
}
