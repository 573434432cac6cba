/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), one text each. */
export const EVENT_STREAM = 'text/event-stream';

export const serverEvent = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A comment now and then, since proxies close connections that are silent for a minute. */
export const STILL_THERE = ': nothing new\n\n';

const LOOK_EVERY_MS = 15_000;

/**
 * Ends once the credentials of who watches are valid no more, or say somebody else: looked at with each silence and every 15 s, so
 * that a key that is taken away ends what it began.
 */
export async function* whileKnown<Event>(
  request: { isStillKnown(): Promise<boolean> },
  events: AsyncIterable<Event | null>,
): AsyncGenerator<Event | null> {
  let looked = performance.now();
  for await (const event of events) {
    if (event === null || performance.now() - looked >= LOOK_EVERY_MS) {
      if (!(await request.isStillKnown())) return;
      looked = performance.now();
    }
    yield event;
  }
}
