import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../src/problems/problem.ts';

const MAX_DEPTH = 32;

/** Bodies are I-JSON (RFC 7493), so that the audit log can hash them and every parser reads them alike; nothing else is. */
export default fp(
  async (app) => {
    app.removeContentTypeParser('text/plain');
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: Buffer) => {
        assertPlainUtf8(request);
        // Many clients say what type of body they send where they send none.
        if (body.length === 0 && request.routeOptions.schema?.body === undefined) return undefined;
        return readJson(body);
      },
    );
  },
  { name: 'json-body', dependencies: ['problems'] },
);

function assertPlainUtf8({ headers }: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (/^utf-?8$/i.test(charset) && encoding.toLowerCase() === 'identity') return;
  throw new DomainError('unsupported-media-type', { why: 'Send JSON in UTF-8, not compressed.' });
}

/** @throws DomainError malformed-json */
function readJson(body: Buffer): unknown {
  if (body.length === 0) throw malformed('The body is empty: send one JSON object.');
  if (!isUtf8(body)) throw malformed('The body is not UTF-8.');
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DomainError('malformed-json');
  }
  // JSON.parse keeps the last of two members of a name and drops the other: then there are fewer members than colons.
  if (membersOf(value, MAX_DEPTH) !== colonsOutsideOfStrings(text)) {
    throw malformed('The body has an object with the same name twice.');
  }
  return value;
}

/** How many members the objects have together. @throws DomainError malformed-json for what I-JSON has not, or too deep */
function membersOf(value: unknown, levels: number): number {
  if (typeof value === 'string') assertText(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (levels === 0) throw malformed(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + membersOf(item, levels - 1), 0);
  return Object.entries(value).reduce((sum, [name, member]) => {
    if (name === '__proto__' || name === 'constructor') throw malformed(`The name ${name} is not taken.`);
    assertText(name);
    return sum + 1 + membersOf(member, levels - 1);
  }, 0);
}

/** PostgreSQL has no NUL, and UTF-8 no half of a surrogate pair. */
function assertText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw malformed('A text holds a NUL, or half of a surrogate pair.');
  }
}

/** Of JSON that parses, so that every string ends. */
function colonsOutsideOfStrings(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === ':') colons += 1;
    if (text[at] !== '"') continue;
    do at = text.indexOf('"', at + 1);
    while (isEscaped(text, at));
  }
  return colons;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

const malformed = (why: string): DomainError => new DomainError('malformed-json', { why });
