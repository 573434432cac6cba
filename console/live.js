import { useEffect, useRef } from 'preact/hooks';
import { Refused, refusalOf } from './api.js';
import { callers, credentialHeaders } from './session.js';

/** @typedef {{ event: string, data: string }} ServerEvent */

/** Milliseconds until a stream that ended is asked for again. */
const AGAIN_MS = 3_000;

/** Where asking again gives the same: not signed in, not allowed, not there. */
const FINAL = new Set([401, 403, 404]);

/**
 * Server-Sent Events by `fetch`, since EventSource sends no credentials.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<ServerEvent>}
 * @throws {import('./api.js').Refused}
 */
async function* eventsOf(path, signal) {
  const headers = { accept: 'text/event-stream', ...credentialHeaders() };
  const response = await fetch(path, { headers, signal, redirect: 'error' });
  if (!response.ok || response.body === null) throw refusalOf(response, await response.json().catch(() => null));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const blocks = (text + value).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s)));
      if (fields['data'] !== undefined) yield { event: fields['event'] ?? 'message', data: fields['data'] };
    }
  }
}

/**
 * Tells of every event while a component is there. A stream that ends, or breaks, is asked for again; one that the
 * caller may not see is not, until somebody else signs in.
 * @param {string | null} path null: nothing to listen to
 * @param {(event: ServerEvent) => 'last' | void} tell
 */
export function useEvents(path, tell) {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    if (path === null) return;
    const gone = new AbortController();
    listen(path, gone.signal, (event) => latest.current(event));
    return () => gone.abort();
  }, [path, callers.value]);
}

/** @param {string} path @param {AbortSignal} signal @param {(event: ServerEvent) => 'last' | void} tell */
async function listen(path, signal, tell) {
  while (!signal.aborted) {
    let againMs = AGAIN_MS;
    try {
      for await (const event of eventsOf(path, signal)) if (tell(event) === 'last') return;
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && FINAL.has(error.problem?.status ?? 0))) return;
      // A broken connection is a TypeError.
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      if (error instanceof Refused) againMs = (error.retryAfter ?? 0) * 1_000 || AGAIN_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/**
 * Asks again every so often while somebody looks, and when they come back.
 * @param {() => void} again
 * @param {number} everyMs
 */
export function useRefresh(again, everyMs) {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    const refresh = () => document.visibilityState === 'visible' && latest.current();
    const timer = setInterval(refresh, everyMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [everyMs]);
}
