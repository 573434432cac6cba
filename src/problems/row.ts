/** One field that was refused: `path` is a JSON Pointer into the body (or `query/…`, `params/…`, `headers/…`). */
export type FieldError = { path: string; message: string };

/** What may be known of a failure whatever its code. */
export type Circumstances = {
  /** Fields refused. */
  errors?: FieldError[];
  /** The request id AWS gave, which joins our audit log to CloudTrail. */
  awsRequestId?: string | undefined;
  /** The name of the error that AWS answered with. */
  awsError?: string | undefined;
  /** Seconds after which a retry makes sense, where that is known better than the row says. */
  retryAfter?: number;
  /**
   * A change may have happened although it failed: AWS was asked and the answer was lost (time-out, connection lost, 5xx).
   * Absent when it surely did not happen. Read the policy before saying anything about the outcome.
   */
  uncertain?: true | undefined;
  /** A sentence after the detail: what was found out since. */
  afterword?: string;
  cause?: unknown;
};

/** All that there is to a problem code: how it is said, over HTTP and to people, and what the service makes of it. */
export type Row<Facts> = {
  status: number;
  title: string;
  /** For the page /problems/{code}: what happened. */
  what: string;
  /** For the page: what to do. */
  todo: string;
  /**
   * Whether the same request may succeed later. What passes by itself says after how many seconds (Retry-After): such a
   * change the service tries again on its own.
   */
  retry?: 'perhaps' | number;
  /** Where that hangs on the facts: whether it does of these. */
  retryHelps?: (facts: Facts) => boolean;
  /** What it refuses: this one document, so that others of its batch must not suffer; or whatever would change this secret. */
  refuses?: 'document' | 'secret';
  /** What the caller is told: plain words, no internals. */
  detail: (facts: Facts) => string;
  /** Further members of the problem document (RFC 9457 section 3.2), for example sizes. Never secrets or internals. */
  members?: (facts: Facts) => Record<string, unknown>;
  /** A typical case, which the OpenAPI document shows. */
  example: NoInfer<Facts & Circumstances>;
};

/** No facts are needed. */
export type None = Record<never, unknown>;

/** Takes the facts' type from `detail`. */
export const problem = <Facts extends object = None>(row: Row<Facts>): Row<Facts> => row;

/** For a code with one usual text: who refuses for another reason says why, in sentences of its own. */
export const usually =
  (usual: string) =>
  ({ why = usual }: { why?: string }): string =>
    why;

/** For examples of what AWS answered. */
export const answeredByAws = (awsError: string): Circumstances => ({
  awsError,
  awsRequestId: 'c5a7b5e4-8e1f-4f29-9b57-0b8c1f3a2d11',
});
