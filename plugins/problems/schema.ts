import Type from 'typebox';
import { problemCodes } from '../../src/problems/table.ts';

/** RFC 9457, with our members. */
export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'A page that says what happened and what to do.',
      examples: ['/problems/secret-not-found'],
    }),
    title: Type.String({ description: 'The same for the same `code`.' }),
    status: Type.Integer({ description: 'The HTTP status of the answer.' }),
    detail: Type.String({ description: 'What happened to this request, and what to do.' }),
    code: Type.Enum([...problemCodes], { description: 'For programs: which problem it is.' }),
    requestId: Type.String({ description: 'In every log line of the request, and in X-Request-Id.' }),
    traceId: Type.Optional(Type.String({ description: 'The trace (W3C), where there is one.' })),
    changeId: Type.Optional(
      Type.String({ description: 'Of the change that was asked for: finds what the audit log has of it.' }),
    ),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'Where: a JSON Pointer into the request.' }),
          message: Type.String({ description: 'What it must be.' }),
        }),
        {
          description: 'Fields that were refused.',
        },
      ),
    ),
    caller: Type.Optional(
      Type.String({
        description:
          'Of `policy-locks-out-caller`: the ARN of who would be locked out, where AWS says it. `exceptPrincipals` spares it.',
      }),
    ),
    awsRequestId: Type.Optional(Type.String({ description: 'AWS’s own request id: joins this to CloudTrail.' })),
  },
  { $id: 'Problem', additionalProperties: true, description: 'What went wrong (RFC 9457).' },
);
