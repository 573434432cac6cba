import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions } from 'fastify';
import fp from 'fastify-plugin';
import { problemOf } from '../../src/problems/document.ts';
import { DomainError } from '../../src/problems/problem.ts';

// An import of node:http makes Node load all that its exports could lead to, such as undici: 6 MB that nobody uses here.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/**
 * What a connection may cost before there is a route: bytes and milliseconds. Slow clients are cut off, whether they
 * are slow with the headers, the body, or in reading the answer.
 */
export const httpServer = {
  http: {
    maxHeaderSize: 32_768,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    // Node's own answer to a missing Host has no body; the hook below gives it one.
    requireHostHeader: false,
  },
  requestTimeout: 30_000,
  connectionTimeout: 120_000,
  keepAliveTimeout: 72_000,
} satisfies FastifyHttpOptions<never>;

/** Characters. The longest that makes sense: a secret id, a reason and a ticket, each at its limit and all percent-encoded. */
const MAX_URL = 12_288;
const MAX_CONNECTIONS = 10_000;

/** Bounds on the request line and on the number of connections; and answers in our form where Node would give its own. */
export default fp(
  async (app) => {
    app.addHook('onRequest', async ({ raw }) => {
      if ((raw.url ?? '').length > MAX_URL) {
        throw new DomainError('uri-too-long', { max: MAX_URL });
      }
      if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
        throw new DomainError('malformed-request', { why: 'The header Host is missing.' });
      }
      // RFC 9112 section 3.2: a proxy may have gone by the second.
      if (raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length > 1) {
        throw new DomainError('malformed-request', { why: 'There are several headers Host.' });
      }
      // RFC 9112 section 3.2.2: an address with a host of its own is of that host, whatever the header says.
      if (/^[a-z][a-z0-9+.-]*:/i.test(raw.url ?? '') && URL.parse(raw.url ?? '')?.host !== raw.headers.host) {
        throw new DomainError('malformed-request', { why: 'The address and the header Host name different hosts.' });
      }
      if ((raw.headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
        throw new DomainError('malformed-request', { why: 'Of transfer codings only chunked is understood.' });
      }
    });
    app.server.maxConnections = MAX_CONNECTIONS;
    // RFC 9110 section 10.1.1: what is expected and not known may be ignored. Node would answer 417 without a body.
    app.server.on('checkExpectation', (request, response) => app.routing(request, response));
    app.server.on('connect', (_, socket: Socket) =>
      answer(socket, new DomainError('method-not-allowed', { method: 'CONNECT' })),
    );
  },
  { name: 'http-limits', dependencies: ['problems'] },
);

function problemOfParser(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DomainError('headers-too-large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DomainError('request-timeout');
  return new DomainError('malformed-request');
}

/** For `clientErrorHandler`: what is not HTTP. The error itself holds the packet, credentials too, and is never logged. */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  log: { info(facts: object, message: string): void },
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = problemOfParser(error.code);
  const requestId = answer(socket, problem);
  log.info(
    { code: problem.code, parser: error.code, remoteAddress: socket.remoteAddress, requestId },
    'request refused',
  );
}

/** Answers where there is no request, and hangs up: what follows on the connection can't be trusted. */
function answer(socket: Socket, error: DomainError): string {
  const requestId = randomUUID();
  const problem = problemOf(error, { requestId });
  const body = JSON.stringify(problem);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\ncache-control: no-store\r\n` +
        `x-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
  return requestId;
}
