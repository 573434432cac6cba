import { isThrottlingError, isTransientError } from '@smithy/core/retry';

/** What an error of the AWS SDK says, whatever its class: a service's answer, or the network's. The SDK classifies it. */
export type Failure = {
  name: string;
  message: string;
  /** Node's error code (`ECONNREFUSED` …) where no answer came. */
  code: string | undefined;
  /** The HTTP status of AWS's answer; undefined where no answer came. */
  status: number | undefined;
  requestId: string | undefined;
  /** AWS had too many calls, and did not carry this one out. */
  isThrottling: boolean;
  /** No answer of the service came: no connection, a lost one, or too late. */
  isUnreachable: boolean;
  /** An answer came that is not AWS's, which has a request id: something in between gave it. */
  isOfAnother: boolean;
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
    isThrottling: isSdkError(error) && isThrottlingError(error),
    isOfAnother: $metadata?.httpStatusCode !== undefined && $metadata.requestId === undefined,
    isUnreachable: isSdkError(error) && isUnreachable(error, $metadata?.httpStatusCode ?? 0),
  };
}

type SdkError = Parameters<typeof isThrottlingError>[0];
const isSdkError = (error: unknown): error is SdkError => error instanceof Error;

/** The SDK does not try again what our own deadline ended. A 5xx is transient too, but it is an answer. */
const isUnreachable = (error: SdkError, status: number): boolean =>
  error.name === 'AbortError' || (isTransientError(error) && status < 500);

/** No request went out, so nothing can have happened. The SDK retries these too, but does not tell them from lost answers. */
const NEVER_CONNECTED = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/**
 * Whether a call that ended like this surely changed nothing at AWS: it was throttled or refused, or never sent.
 * Anything else (time-out, lost connection, 5xx, unreadable answer) may have been carried out.
 */
export function surelyDidNothing({ status, code = '', isThrottling }: Failure): boolean {
  const refused = status !== undefined && status >= 400 && status < 500;
  return refused || isThrottling || NEVER_CONNECTED.has(code);
}
