import Type from 'typebox';
import { auditActions, auditOutcomes } from '../../src/audit/event.ts';
import { Entry, Paging, PolicyOrNull, page, ref } from '../schemas.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const AnyObject = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true });
const NullableText = nullable(Type.String());

const { words: _, ...recorded } = Entry.properties;
export const RecordedEntry = Type.Object(recorded, {
  $id: 'RecordedEntry',
  description: 'A share, denial or restriction as the audit log keeps it: without words, which may change.',
});

export const AuditEvent = Type.Object(
  {
    id: Type.String({ description: 'UUIDv7.' }),
    sequence: Type.Integer({ description: '1, 2, 3 … without a gap.' }),
    time: Type.String({ format: 'date-time' }),
    phase: Type.Enum(['intent', 'outcome'], {
      description: 'The intent is durable before AWS is asked to change anything.',
    }),
    changeId: Type.String(),
    actor: Type.Object({
      subject: Type.String(),
      issuer: NullableText,
      method: Type.Enum(['jwt', 'apiKey', 'none', 'system']),
    }),
    source: Type.Object({ ip: NullableText, userAgent: NullableText }),
    requestId: NullableText,
    traceId: NullableText,
    action: Type.Enum([...auditActions]),
    secret: Type.Object({ arn: NullableText, name: Type.String(), account: NullableText, region: NullableText }),
    request: AnyObject,
    reason: NullableText,
    ticket: NullableText,
    policy: nullable(
      Type.Object({
        before: PolicyOrNull,
        after: PolicyOrNull,
        beforeHash: Type.String(),
        afterHash: Type.String(),
        missing: Type.Optional(Type.Array(ref(RecordedEntry))),
      }),
    ),
    outcome: nullable(Type.Enum([...auditOutcomes])),
    error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    awsRequestId: NullableText,
    previousHash: Type.String(),
    hash: Type.String({ description: 'SHA-256 over the RFC 8785 JSON of the event without `hash`.' }),
  },
  { $id: 'AuditEvent', description: 'One link of the tamper-evident chain.' },
);
export const AuditEventPage = page(ref(AuditEvent), 'AuditEventPage');

/** Open Cybersecurity Schema Framework, API Activity. */
export const OcsfEvent = Type.Unsafe<Record<string, unknown>>({
  $id: 'OcsfApiActivity',
  type: 'object',
  additionalProperties: true,
  description: 'The event as OCSF API Activity (class 6003).',
});
export const OcsfPage = page(ref(OcsfEvent), 'OcsfApiActivityPage');

export const Verification = Type.Object(
  {
    intact: Type.Boolean(),
    events: Type.Integer({ description: 'How many are whole: all, or those before the first broken one.' }),
    lastHash: Type.String(),
    firstBroken: nullable(Type.Object({ sequence: Type.Integer(), reason: Type.String() })),
  },
  { $id: 'Verification', description: 'Whether the chain of events is whole.' },
);

export const AuditQuery = Type.Object(
  {
    secret: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2048, description: 'Name or ARN.', examples: ['demo/database'] }),
    ),
    actor: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'The subject.' })),
    action: Type.Optional(Type.Enum([...auditActions])),
    outcome: Type.Optional(Type.Enum([...auditOutcomes])),
    from: Type.Optional(Type.String({ format: 'date-time' })),
    to: Type.Optional(Type.String({ format: 'date-time' })),
    changeId: Type.Optional(Type.String({ maxLength: 64 })),
    format: Type.Optional(Type.Enum(['native', 'ocsf'], { default: 'native' })),
    ...Paging,
  },
  { additionalProperties: false },
);
