import Type from 'typebox';
import { problemCodes } from '../../src/problems/problem.ts';

/** RFC 9457, with our members. */
export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'A page that says what happened and what to do.',
      examples: ['/problems/secret-not-found'],
    }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum([...problemCodes]),
    requestId: Type.String({ description: 'In every log line of the request, and in X-Request-Id.' }),
    traceId: Type.Optional(Type.String({ description: 'The trace (W3C), where there is one.' })),
    changeId: Type.Optional(
      Type.String({ description: 'Of the change that was asked for: finds what the audit log has of it.' }),
    ),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: 'Fields that were refused.',
      }),
    ),
    awsRequestId: Type.Optional(Type.String({ description: 'AWS’s own request id: joins this to CloudTrail.' })),
  },
  { $id: 'Problem', additionalProperties: true, description: 'What went wrong (RFC 9457).' },
);
