import { NodeHttpHandler } from '@smithy/node-http-handler';
import { startDeadline } from '../../turns/deadline.ts';
import { deadlineOf } from './followed.ts';

/** The SDK's own default is 50 connections an endpoint, which holds a loaded service back. */
const CONNECTIONS = { keepAlive: true, maxSockets: 200 };

/**
 * The SDK's HTTP, with one limit on an attempt from its start to the end of its answer. Its own limits (requestTimeout to
 * the head of the answer, socketTimeout for an answer that stops half way) are timers that miss what lies in the socket
 * after a stall of our event loop.
 */
export class RequestHandler extends NodeHttpHandler {
  readonly #attemptMs: number;

  /** @param attemptMs the most milliseconds that an attempt may take */
  constructor(attemptMs: number) {
    super({ httpAgent: CONNECTIONS, httpsAgent: CONNECTIONS });
    this.#attemptMs = attemptMs;
  }

  override async handle(...[request, options]: Parameters<NodeHttpHandler['handle']>) {
    const attempt = new AbortController();
    const given = options?.abortSignal;
    const call = deadlineOf(request) ?? (given instanceof AbortSignal ? given : undefined);
    const endWithCall = () => attempt.abort(call?.reason);
    let giveUp = (error: Error) => attempt.abort(error);
    const callOffDeadline = startDeadline(this.#attemptMs, () => giveUp(tooSlow(this.#attemptMs)));
    const end = () => {
      callOffDeadline();
      call?.removeEventListener('abort', endWithCall);
    };
    // AbortSignal.any does the same, and leaves each signal for the garbage collector to take apart.
    if (call?.aborted) endWithCall();
    else call?.addEventListener('abort', endWithCall);
    try {
      const answer = await super.handle(request, { ...options, abortSignal: attempt.signal });
      giveUp = (error) => answer.response.body.destroy(error);
      answer.response.body.once('close', end);
      return answer;
    } catch (error) {
      end();
      throw attempt.signal.aborted ? attempt.signal.reason : error;
    }
  }
}

/** By this name the SDK knows that another attempt may be made. */
const tooSlow = (ms: number): Error =>
  Object.assign(new Error(`AWS did not answer an attempt within ${ms} ms.`), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
  });
