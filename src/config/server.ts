import { isIP } from 'node:net';
import type { Variables } from './variables.ts';

/** Where it listens, and what it takes of callers. */
export type ServerConfig = {
  host: string;
  port: number;
  /** Requests a minute and caller. */
  rateLimitMax: number;
  /** Bytes. */
  requestBodyLimit: number;
  /** False, or the addresses and ranges of proxies whose X-Forwarded-For is believed. */
  trustProxy: false | string[];
};

export const readServer = (variables: Variables): ServerConfig => ({
  host: variables.text('HOST') ?? '127.0.0.1',
  port: variables.integer('PORT', 3000, 0, 65_535),
  rateLimitMax: variables.integer('RATE_LIMIT_MAX', 600, 1, 1_000_000),
  requestBodyLimit: variables.integer('REQUEST_BODY_LIMIT', 131_072, 1_024, 10_485_760),
  trustProxy: readTrustProxy(variables),
});

function readTrustProxy({ text, list }: Variables): false | string[] {
  if (text('TRUST_PROXY') === 'false') return false;
  const takes = 'false, or addresses and CIDR ranges of your proxies, separated by commas';
  return list('TRUST_PROXY', isRange, takes) ?? false;
}

/** An address, or a range of them in CIDR form. */
function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const width = { 4: 32, 6: 128 }[isIP(address)];
  if (width === undefined || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
}
