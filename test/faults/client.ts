import { setTimeout as sleep } from 'node:timers/promises';

export type Request = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: object;
  headers?: Record<string, string>;
};
/** `json` is whatever the body holds: tests say what they expect of it. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Answer = { status: number; headers: Headers; text: string; json: any };

/** One request, without a retry. Null when the connection was refused or lost. */
export async function send(base: string, request: Request, signal?: AbortSignal): Promise<Answer | null> {
  const { method, path, body, headers = {} } = request;
  const answered = fetch(`${base}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: signal ?? null,
  }).then(async (response) => ({ response, text: await response.text() }));
  const answer = await answered.catch(() => null);
  if (answer === null) return null;
  const { response, text } = answer;
  const isJson = /[/+]json(;|$)/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

const isFinal = (answer: Answer): boolean =>
  answer.status < 500 && answer.status !== 429 && answer.json?.code !== 'idempotency-in-flight';

export type Insisted = Answer & {
  /** How many answers of earlier attempts were lost: what the request asks for may have been done by one of them. */
  lost: number;
  attempts: number;
};

type Insistence = {
  /** Milliseconds after which an attempt is hung up on; undefined to wait for its answer. */
  patience?: () => number | undefined;
};

/**
 * Repeats a request, word for word, as a client should: while there is no answer, a 5xx, 429, or its key is in flight.
 * @param base asked before each attempt: the service may have moved
 */
export async function insist(
  base: () => string,
  request: Request,
  { patience = () => undefined }: Insistence = {},
): Promise<Insisted> {
  let lost = 0;
  for (let attempts = 1; ; attempts++) {
    const hangUpAfter = patience();
    const answer = await send(
      base(),
      request,
      hangUpAfter === undefined ? undefined : AbortSignal.timeout(hangUpAfter),
    );
    if (answer !== null && isFinal(answer)) return { ...answer, lost, attempts };
    if (answer === null || answer.status >= 500) lost += 1;
    await sleep(Math.min(1_000, 50 * 2 ** attempts));
  }
}

export const pathOf = (secret: string, rest: string): string => `/v1/secrets/${encodeURIComponent(secret)}/${rest}`;

/** How many changes wait or run in a service. */
export async function queueDepth(base: string): Promise<number> {
  const answer = await send(base, { method: 'GET', path: '/metrics' });
  return Number(/^secret_access_queue_depth (\d+)$/m.exec(answer?.text ?? '')?.[1]);
}
