import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { NotIJson, readIJson } from '../../src/json/i-json.ts';
import { DomainError } from '../../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nothing in the body is needed: it may be left out. */
    bodyOptional?: boolean;
  }
}

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
        if (body.length === 0 && !needsBody(request)) return undefined;
        await request.spendBytes(body.length);
        return readJson(body);
      },
    );
    app.addHook('preValidation', async (request) => {
      if (request.body === undefined && request.routeOptions.config.bodyOptional) request.body = {};
    });
  },
  { name: 'json-body', dependencies: ['problems', 'rate-limit'] },
);

const needsBody = ({ routeOptions: { schema, config } }: FastifyRequest): boolean =>
  schema?.body !== undefined && config.bodyOptional !== true;

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
  try {
    return readIJson(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw error instanceof NotIJson ? malformed(`The body can’t be read: ${error.message}`) : error;
  }
}

const malformed = (why: string): DomainError => new DomainError('malformed-json', { why });
