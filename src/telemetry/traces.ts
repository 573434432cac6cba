import type { IncomingMessage } from 'node:http';

/** The trace that a request belongs to. */
export type RequestTrace = {
  /** 32 hex digits; null when the caller sent no `traceparent` and nothing is traced here. */
  readonly traceId: string | null;
  /** What `work` begins, now or later, belongs to the request. */
  enter(work: () => void): void;
  end(response: { method: string; route: string; status: number; requestId: string; changeId: string }): void;
};

export type Traces = {
  /** The same for each question about one request; the first one begins it. */
  ofRequest(raw: IncomingMessage): RequestTrace;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
};

/** A sane `traceparent` of a request (https://www.w3.org/TR/trace-context/, section 3.2), or undefined. */
export function parentOf({ headers }: Pick<IncomingMessage, 'headers'>) {
  const parts = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(headers['traceparent']));
  const [, traceId = '', spanId = '', flags = ''] = parts ?? [];
  if (parts === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Tells callers' traces apart in the log, and records none. */
export const noTraces: Traces = {
  ofRequest: (raw) => ({ traceId: parentOf(raw)?.traceId ?? null, enter: (work) => work(), end: () => {} }),
  close: async () => {},
};
