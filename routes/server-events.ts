/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), one text each. */
export const EVENT_STREAM = 'text/event-stream';

export const serverEvent = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A comment now and then, since proxies close connections that are silent for a minute. */
export const STILL_THERE = ': nothing new\n\n';
