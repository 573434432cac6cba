import type { HeldLock } from '../../access/write/secret-lock.ts';
import type { AwsCall, Channels } from '../../channels.ts';
import type { Clock } from '../../clock.ts';
import { parseArn } from '../../policy/arn.ts';
import type { DomainError } from '../../problems/problem.ts';
import { startDeadline } from '../../turns/deadline.ts';
import { type AwsRequest, toDomainError } from './errors.ts';
import { readFailure, surelyDidNothing } from './failure.ts';
import { type AnyCommand, follow, type Sending } from './followed.ts';
import type { Pace, PaceKind } from './pace.ts';

/** One call: what is asked, whether it changes anything, the token bucket it draws on, and the lock it needs, if any. */
type CallFacts = AwsRequest & {
  changes?: true;
  pace?: Pace;
  /** `read` if left out. */
  lane?: PaceKind;
  held?: HeldLock | undefined;
};

/** @param send by a client that is `followed` (followed.ts) */
export type Call = <Output>(facts: CallFacts, command: AnyCommand, send: () => Promise<Output>) => Promise<Output>;

/**
 * When AWS last answered anything, a refusal too (null: never yet), and whether it has stopped to. A secret that is not
 * there, or a call that is not allowed, is what a caller asked for: it says nothing of AWS.
 */
export type Reachability = { lastAnswer: Date | null; problem: 'aws-unreachable' | null };

/**
 * Sends commands within one deadline over all their attempts. The SDK decides what is tried again and when (its
 * standard mode, with jitter); each attempt, not only the first, draws a token, because AWS counts each.
 * Nobody outside can cancel a call.
 */
export function createCall(options: {
  deadlineMs: number;
  /** Our own Region, where a resource is that is given by its name. */
  region: string;
  clock: Clock;
  channels: Pick<Channels, 'awsCall'>;
}): { call: Call; reachability(): Reachability } {
  let reached: Reachability = { lastAnswer: null, problem: null };
  const answered = () => {
    reached = { lastAnswer: options.clock(), problem: null };
  };

  const call: Call = (facts, command, send) => {
    const step: AwsCall = { action: facts.action, region: parseArn(facts.resource)?.region || options.region };
    return options.channels.awsCall.tracePromise(() => carryOut(step, facts, command, send), step);
  };

  async function carryOut<Output>(
    step: AwsCall,
    facts: CallFacts,
    command: AnyCommand,
    send: () => Promise<Output>,
  ): Promise<Output> {
    const attempts: Attempts = { mayHaveHappened: false, lastError: undefined };
    try {
      const output = await within(options.deadlineMs, (deadline) => {
        follow(command, { ...watchAttempts(facts, attempts, deadline), traceparent: step.traceparent });
        return send();
      });
      if (!attempts.mayHaveHappened) throw new Error('A call was sent by a client that is not followed.');
      step.answer = metadataOf(output);
      answered();
      return output;
    } catch (error) {
      step.answer = metadataOf(error);
      // At the deadline nothing but "aborted" is known; what AWS answered before it says why.
      const told = isAbort(error) ? (attempts.lastError ?? error) : error;
      const problem: DomainError = toDomainError(told, facts, facts.changes === true && attempts.mayHaveHappened);
      if (problem.code === 'aws-unreachable') reached = { ...reached, problem: problem.code };
      else if (problem.facts.awsRequestId !== undefined) answered();
      throw problem;
    }
  }

  return { call, reachability: () => reached };
}

/** The SDK puts it on what it answers and on what it throws. */
const metadataOf = (result: unknown): NonNullable<AwsCall['answer']> =>
  (result as { $metadata?: AwsCall['answer'] } | undefined)?.$metadata ?? {};

type Attempts = { mayHaveHappened: boolean; lastError: unknown };

/**
 * The end of a call is not all of it: a Put that timed out, then was throttled, may have happened. So each attempt is
 * looked at, inside the SDK's retry loop. An attempt under way counts as one that may have happened.
 */
function watchAttempts(facts: CallFacts, attempts: Attempts, deadline: AbortSignal): Sending {
  async function attempt<Result>(send: () => Promise<Result>): Promise<Result> {
    const before = attempts.mayHaveHappened;
    let sent = false;
    attempts.lastError = undefined;
    try {
      deadline.throwIfAborted();
      await facts.pace?.take(facts.lane ?? 'read', deadline);
      deadline.throwIfAborted();
      await facts.held?.confirm();
      deadline.throwIfAborted();
      attempts.mayHaveHappened = true;
      sent = true;
      return await send();
    } catch (error) {
      attempts.lastError = error;
      if (surelyDidNothing(readFailure(error))) attempts.mayHaveHappened = before;
      else if (sent && !readFailure(error).requestId) facts.held?.mayLandLate();
      throw error;
    }
  }
  return { attempt, deadline };
}

/**
 * An attempt heeds the deadline while it is sent, and then knows best what happened. The SDK does not while it gets credentials, or
 * waits until it tries again: there the deadline ends the wait, and its signal that nothing is sent later.
 */
async function within<T>(milliseconds: number, work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const callOff = startDeadline(milliseconds, () => {
    const error = Object.assign(new Error(`No result within ${milliseconds} ms.`), { name: 'AbortError' });
    deadline.abort(error);
    setImmediate(reject, error);
  });
  try {
    return await Promise.race([work(deadline.signal), tooLate]);
  } finally {
    callOff();
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
