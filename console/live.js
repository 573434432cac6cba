import { useEffect, useRef } from 'preact/hooks';
import { refusalOf } from './api.js';
import { credentialHeaders } from './session.js';

/** @typedef {{ event: string, data: string }} ServerEvent */

/** Milliseconds until a stream that ended is asked for again. */
const AGAIN_MS = 3_000;

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
 * Tells of every event while a component is there. A stream that ends, or breaks, is asked for again; one that was
 * refused is not.
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
  }, [path]);
}

/** @param {string} path @param {AbortSignal} signal @param {(event: ServerEvent) => 'last' | void} tell */
async function listen(path, signal, tell) {
  while (!signal.aborted) {
    try {
      for await (const event of eventsOf(path, signal)) if (tell(event) === 'last') return;
    } catch (error) {
      // A broken connection is a TypeError; what the service refuses stays refused.
      if (!(error instanceof TypeError)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
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
