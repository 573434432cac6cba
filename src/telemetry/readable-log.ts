import type { DestinationStream } from 'pino';
import { createLru } from '../lru.ts';

type Line = {
  level: number;
  time: number;
  msg?: string;
  requestId?: string;
  req?: { method: string; url: string };
  res?: { statusCode?: number };
  responseTime?: number;
  audit?: {
    phase: string;
    action: string;
    outcome: string | null;
    secret: { name: string };
    actor: { subject: string };
  };
  err?: { message?: string; stack?: string };
  [other: string]: unknown;
};

/** Requests that have not been answered, of which the line of the answer says nothing. */
const KEPT_REQUESTS = 1_000;
const LEVELS: Readonly<Record<number, string>> = { 40: 'WARN ', 50: 'ERROR ', 60: 'FATAL ' };

/**
 * Log lines for somebody who sits at a terminal: a short one for each request and each change, the rest as it is. Programs
 * get JSON.
 */
export function readableLog(write: (text: string) => void): DestinationStream {
  const asked = createLru<string>(KEPT_REQUESTS);

  /** Undefined for what another line says again. */
  function wordsOf({
    msg = '',
    requestId = '',
    req,
    res,
    responseTime,
    audit,
    err,
    ...rest
  }: Line): string | undefined {
    if (req !== undefined && res === undefined) {
      asked.keep(requestId, `${req.method} ${req.url}`);
      return undefined;
    }
    if (res !== undefined && responseTime !== undefined) {
      const request = asked.find(requestId) ?? 'a request';
      asked.forget(requestId);
      return `${request} ${res.statusCode ?? 'was given up'} ${Math.round(responseTime)} ms`;
    }
    if (audit !== undefined) {
      const { phase, action, outcome, secret, actor } = audit;
      return phase === 'intent' ? undefined : `${action} ${secret.name}: ${outcome}, by ${actor.subject}`;
    }
    const { level: _, time: __, pid: ___, hostname: ____, traceId: _____, ...facts } = rest;
    const said = Object.entries(facts).map(([name, value]) => `${name}=${inShort(value)}`);
    const cause = err === undefined ? [] : [err.stack ?? err.message ?? ''];
    return [msg, ...said, ...cause].join(' ');
  }

  return {
    write(text) {
      const line = parse(text);
      const words = line === undefined ? text.trimEnd() : wordsOf(line);
      if (words === undefined) return;
      const when = line === undefined ? '' : `${new Date(line.time).toTimeString().slice(0, 8)} `;
      write(`${harmless(`${when}${LEVELS[line?.level ?? 0] ?? ''}${words}`)}\n`);
    },
  };
}

const MOST = 200;
/** Of a longer list there is the number: JSON has all of it. */
const MOST_NAMED = 5;

/** A path as whoever started the service sees it. */
function inShort(value: unknown): string {
  if (Array.isArray(value) && value.length > MOST_NAMED) return String(value.length);
  const text = typeof value === 'string' ? value.replace(`${process.cwd()}/`, '') : JSON.stringify(value);
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What callers wrote must not steer the terminal, nor turn its lines around. */
const harmless = (text: string): string => text.replace(/(?!\n)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '?');
