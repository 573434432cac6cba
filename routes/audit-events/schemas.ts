import Type, { type TSchema } from 'typebox';
import type { AuditFilter } from '../../src/access/looks/audit-trail.ts';
import { auditActions, auditOutcomes } from '../../src/audit/event.ts';
import { anyObject, Caller, moment, momentOrDay, nullable, textOrNull, why } from '../fields.ts';
import { duration, Paging } from '../parameters.ts';
import { Entry, page, policies, ref } from '../schemas.ts';

/** What the audit log keeps of an entry: no words, which may change, and not which change made it, which its events say. */
const { words: _, by: _by, at: _at, reason: _r, ticket: _t, changeId: _c, ...recorded } = Entry.properties;
const RecordedEntry = Type.Object(recorded, {
  $id: 'RecordedEntry',
  description: 'A share, denial or restriction as the audit log keeps it: without words, which may change.',
});

export const AuditEvent = Type.Object(
  {
    id: Type.String({ description: 'UUIDv7.' }),
    sequence: Type.Integer({ description: '1, 2, 3 … without a gap.' }),
    time: moment('When it was written.'),
    phase: Type.Enum(['intent', 'outcome'], {
      description: 'The intent is durable before AWS is asked to change anything.',
    }),
    changeId: Type.String({ description: 'The same for all events of one change.' }),
    actor: Caller,
    source: Type.Object(
      {
        ip: textOrNull('The caller’s address; null for the service’s own doing.'),
        userAgent: textOrNull('What the caller’s program calls itself.'),
      },
      { description: 'Where the request came from.' },
    ),
    requestId: textOrNull('Finds the request’s log lines.'),
    traceId: textOrNull('The trace (W3C), where there is one.'),
    action: Type.Enum([...auditActions], { description: 'What was done, or was to be done.' }),
    secret: Type.Object(
      {
        arn: textOrNull('Its full ARN; null where it was not found.'),
        name: Type.String({ description: 'Its name, or what the caller called it where it was not found.' }),
        account: textOrNull('The account that it is in.'),
        region: textOrNull('The Region that it is in.'),
      },
      { description: 'The secret that it is about.' },
    ),
    request: anyObject('The request as it was accepted, without reason and ticket.'),
    ...why,
    policy: nullable(
      Type.Object({
        ...policies,
        beforeHash: Type.String({ description: 'SHA-256 over `before` in its canonical form, base64url.' }),
        afterHash: Type.String({ description: 'SHA-256 over `after` in its canonical form, base64url.' }),
        missing: Type.Optional(
          Type.Array(ref(RecordedEntry), { description: 'Ours, dropped by somebody else and not restored since.' }),
        ),
        droppedDenials: Type.Optional(
          Type.Array(
            Type.Object({
              statement: anyObject('To the letter.'),
              changeId: textOrNull('Of the drift that dropped it: rollback to it brings it back.'),
            }),
            { description: 'Denials of others that went together with those.' },
          ),
        ),
      }),
      'The policy around the step; null for steps that are about none.',
    ),
    reportedBy: Type.Optional(
      Type.Object(
        {
          arn: textOrNull('Who; null where the event names nobody.'),
          account: textOrNull('Of which account.'),
          eventName: Type.String({ description: 'What was called, as CloudTrail has it.' }),
          eventId: Type.String({ description: 'Finds the event in CloudTrail.' }),
          eventTime: Type.String({ description: 'When, as the event says.' }),
          requestId: textOrNull('AWS’s own request id.'),
        },
        {
          description:
            'Of a `drift` that was found by a change event: who did it, as the newest event says that had come by then. Where others ' +
            'changed the policy at about that time, it may be one of them. Nobody has verified it: CloudTrail has the event.',
        },
      ),
    ),
    outcome: nullable(
      Type.Enum([...auditOutcomes]),
      'How it ended; null in an intent. `unknown`: AWS’s answer was lost, and the policy does not tell.',
    ),
    error: nullable(
      Type.Object({
        code: Type.String({ description: 'As in a problem document.' }),
        message: Type.String({ description: 'What happened, in plain words.' }),
      }),
      'What it was refused with, or failed with.',
    ),
    awsRequestId: textOrNull('AWS’s own request id: joins this to CloudTrail.'),
    previousHash: Type.String({ description: 'The `hash` of the event before; 64 zeros in the first.' }),
    hash: Type.String({ description: 'SHA-256 over the RFC 8785 JSON of the event without `hash`.' }),
  },
  { $id: 'AuditEvent', description: 'One link of the tamper-evident chain.' },
);
export const AuditEventPage = page(ref(AuditEvent), 'AuditEventPage');

const { time, changeId, actor, action, secret, request, reason, ticket, policy, outcome, error, requestId } =
  AuditEvent.properties;
const RecordedChange = Type.Object(
  {
    changeId: { ...changeId, description: 'All of its events have it.' },
    time: { ...time, description: 'Of its last outcome.' },
    summary: Type.String({ description: 'One sentence: what was done, or tried. The words may change at any time.' }),
    ...{ actor, action, outcome, error, secret, reason, ticket, requestId },
    eventId: Type.String({ description: 'Of its last outcome, with hashes: GET /v1/audit-events/{eventId}.' }),
    request: Type.Optional({ ...request, description: 'The request as it was accepted: with `documents=true`.' }),
    policy: Type.Optional({ ...policy, description: 'The policy before and after: with `documents=true`.' }),
  },
  { $id: 'RecordedChange', description: 'A change as the audit log tells it to people.' },
);
export const RecordedChangePage = page(ref(RecordedChange), 'RecordedChangePage');

/** Open Cybersecurity Schema Framework, API Activity. */
const OcsfEvent = Type.Unsafe<Record<string, unknown>>({
  $id: 'OcsfApiActivity',
  type: 'object',
  additionalProperties: true,
  description: 'The event as OCSF API Activity (class 6003).',
});
export const OcsfPage = page(ref(OcsfEvent), 'OcsfApiActivityPage');

export const Verification = Type.Object(
  {
    intact: Type.Boolean({ description: 'Whether nothing is missing, changed or out of order.' }),
    events: Type.Integer({ description: 'How many are whole: all, or those before the first broken one.' }),
    archived: Type.Integer({
      description: 'How many came before those, and were archived: something signed must say so, or it is not intact.',
    }),
    lastHash: Type.String({ description: 'Of the last event that is whole.' }),
    firstBroken: nullable(
      Type.Object({
        sequence: Type.Integer({ description: 'Where it is, or should be.' }),
        reason: Type.String({ description: 'What is wrong with it, in plain words.' }),
      }),
      'The first event that is not as it was written; null where all are.',
    ),
  },
  { $id: 'Verification', description: 'Whether the chain of events is whole.' },
);

/** What the journal finds by: the type checker holds that all of it, and nothing else, is asked for here. */
const filters = {
  secret: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: 'Name or ARN.', examples: ['demo/database'] }),
  ),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'The subject.' })),
  action: Type.Optional(Type.Enum([...auditActions], { description: 'What was done, or was to be done.' })),
  outcome: Type.Optional(Type.Enum([...auditOutcomes], { description: 'How it ended: outcomes only, no intents.' })),
  phase: Type.Optional(
    Type.Enum(['intent', 'outcome'], { description: 'Only what was about to be done, or only how it ended.' }),
  ),
  changeId: Type.Optional(Type.String({ maxLength: 64, description: 'All of one change.' })),
} satisfies Record<Exclude<keyof AuditFilter, 'from' | 'to'>, TSchema>;

export const AuditQuery = Type.Object(
  {
    ...filters,
    from: Type.Optional(momentOrDay('Written at that time or later: a time, or a date (from its start, UTC).')),
    to: Type.Optional(momentOrDay('Written at that time or earlier: a time, or a date (to its end, UTC).')),
    since: Type.Optional(
      duration('In the place of `from`: how long ago, in m(inutes), h(ours), d(ays) or w(eeks).', '7d'),
    ),
    format: Type.Optional(
      Type.Enum(['native', 'ocsf'], { default: 'native', description: '`ocsf`: as OCSF API Activity, for a SIEM.' }),
    ),
    view: Type.Optional(
      Type.Enum(['events', 'changes'], {
        default: 'events',
        description: '`changes`: each change once, at its last outcome, with a sentence that says what was done.',
      }),
    ),
    documents: Type.Optional(
      Type.Boolean({ description: 'With `view=changes`: the request and the policies before and after too.' }),
    ),
    ...Paging,
  },
  { additionalProperties: false },
);

export const auditComponents = [
  ...[RecordedEntry, AuditEvent, AuditEventPage, RecordedChange, RecordedChangePage, OcsfEvent, OcsfPage, Verification],
];
