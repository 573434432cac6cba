/** What an error of the AWS SDK says, whatever its class: a service's answer, or the network's. */
export type Failure = {
  name: string;
  message: string;
  /** Node's error code (`ECONNREFUSED` …) where no answer came. */
  code: string | undefined;
  /** The HTTP status of AWS's answer; undefined where no answer came. */
  status: number | undefined;
  requestId: string | undefined;
};

export function readFailure(error: unknown): Failure {
  const { name, message, code, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : undefined,
    status: $metadata?.httpStatusCode,
    requestId: $metadata?.requestId,
  };
}

const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const NEVER_CONNECTED = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);
const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const NO_ANSWER = new Set(['AbortError', 'RequestTimeout', 'RequestTimeoutException', 'TimeoutError']);

export const isThrottling = ({ name, status }: Failure): boolean => THROTTLING.has(name) || status === 429;

export const isUnreachable = ({ name, code = '' }: Failure): boolean =>
  NEVER_CONNECTED.has(code) || CONNECTION_LOST.has(code) || NO_ANSWER.has(name);

/**
 * Whether a call that ended like this surely changed nothing at AWS: it was throttled or refused, or never sent.
 * Anything else (time-out, lost connection, 5xx, unreadable answer) may have been carried out.
 */
export function surelyDidNothing(failure: Failure): boolean {
  const refused = failure.status !== undefined && failure.status >= 400 && failure.status < 500;
  return refused || isThrottling(failure) || NEVER_CONNECTED.has(failure.code ?? '');
}
