import type { HttpHandler } from '@smithy/core/protocols';
import { type HttpRequest, HttpResponse } from '@smithy/core/transport';
import { startDeadline } from '../deadline.ts';
import { deadlineOf } from './followed.ts';

// An import of node:http makes Node load all that its exports could lead to, such as undici: 6 MB that nobody uses here.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** The SDK's own default is 50 connections an endpoint, which holds a loaded service back. */
const CONNECTIONS = { keepAlive: true, maxSockets: 200 };
/** No answer of AWS that is asked for here comes near. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

type Answered = { response: HttpResponse };
type Options = Parameters<HttpHandler['handle']>[1];

/**
 * The SDK's HTTP, with one limit on an attempt from its start to the end of its answer, which is read before the SDK has it. The SDK's own
 * handler has four timers and two signals for each attempt, and its limits (requestTimeout to the head of the answer, socketTimeout for
 * an answer that stops half way) miss what lies in the socket after a stall of our event loop.
 */
export class RequestHandler implements HttpHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #attemptMs: number;
  readonly #plain = new http.Agent(CONNECTIONS);
  readonly #secure = new https.Agent(CONNECTIONS);

  /** @param attemptMs the most milliseconds that an attempt may take */
  constructor(attemptMs: number) {
    this.#attemptMs = attemptMs;
  }

  handle(request: HttpRequest, options: Options = {}): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const given = options.abortSignal;
    const call = deadlineOf(request) ?? (given instanceof AbortSignal ? given : undefined);
    const endWithCall = () => giveUp(call?.reason);
    const callOffDeadline = startDeadline(this.#attemptMs, () => giveUp(tooSlow(this.#attemptMs)));
    const end = () => {
      callOffDeadline();
      call?.removeEventListener('abort', endWithCall);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const sent = this.#send(request);
    const giveUp = (error: unknown) => {
      fail(error);
      sent.destroy();
    };
    sent.once('response', (response) => {
      const pieces: Buffer[] = [];
      let left = MAX_ANSWER_BYTES;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        left -= piece.length;
        if (left < 0) giveUp(new Error(`AWS answered with more than ${MAX_ANSWER_BYTES} bytes.`));
      });
      response.once('error', fail);
      response.once('end', () => {
        end();
        const [body, ...more] = pieces;
        resolve({ response: toResponse(response, more.length === 0 ? body : Buffer.concat(pieces)) });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => fail(LOST.has(error.code) ? lost(error) : error));
    if (call?.aborted) endWithCall();
    else {
      call?.addEventListener('abort', endWithCall);
      // As a text it goes out in one piece with its head.
      sent.end(textOf(request.body));
    }
    return promise;
  }

  #send({ protocol, hostname, port, method, path, query, headers }: HttpRequest) {
    if (Object.keys(query).length > 0) throw new Error('AWS is asked by the body of a POST only.');
    const where = {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(port !== undefined && { port }),
      method,
      path,
      headers,
    };
    return protocol === 'https:'
      ? https.request({ ...where, agent: this.#secure })
      : http.request({ ...where, agent: this.#plain });
  }

  destroy(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }
}

const toResponse = (
  { statusCode = -1, statusMessage: reason = '', headers }: import('node:http').IncomingMessage,
  body: Buffer = Buffer.alloc(0),
): HttpResponse => {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new HttpResponse({ statusCode, reason, headers: Object.fromEntries(texts), body });
};

/** Of requests of AWS, which are JSON or a form. */
const textOf = (body: string | Uint8Array = ''): string =>
  typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();

/** By this name the SDK knows that another attempt may be made. */
const TIMEOUT = { name: 'TimeoutError' };

/** What ends a connection while somebody waits for an answer on it. */
const LOST: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const lost = (error: Error): Error => Object.assign(error, TIMEOUT);

const tooSlow = (ms: number): Error =>
  Object.assign(new Error(`AWS did not answer an attempt within ${ms} ms.`), { ...TIMEOUT, code: 'ETIMEDOUT' });
