import Type from 'typebox';
import { approvalStatuses } from '../../src/access/approvals/approval.ts';
import { auditActions } from '../../src/audit/event.ts';
import { secretActions } from '../../src/policy/actions.ts';
import {
  anyObject,
  Caller,
  moment,
  momentOrNull,
  NamedSecret,
  nullable,
  ToldProblem,
  textOrNull,
  why,
} from '../fields.ts';
import { Paging, reason } from '../parameters.ts';
import { Effect, Leg, PatchOperation, page, ref, Warning } from '../schemas.ts';

const ApprovalStatus = Type.Enum([...approvalStatuses], {
  description:
    '`pending`: nobody has decided. `approved`: said yes to, and about to be applied. `applied`: done. `failed`: said yes ' +
    'to, but could not be done; `problem` says why. `rejected`, `expired`: nothing was done, and nothing will be; ' +
    'rejected by whoever asked: withdrawn.',
});

export const PendingChange = Type.Object(
  {
    approvalId: Type.String({ description: 'Names it in the paths under /v1/approvals.' }),
    changeId: Type.String({ description: 'The same id: the audit log has all about it under this one.' }),
    status: ApprovalStatus,
    group: Type.String({ description: 'Somebody else, who is a member of this group, decides.' }),
    secret: NamedSecret,
    action: Type.Enum([...auditActions], { description: 'What was asked for.' }),
    request: anyObject('The request as it was made.'),
    ...why,
    summary: Type.String({
      description:
        'One sentence. While it waits, this, `effect`, `legs`, `diff` and `warnings` are of the policy of now; then, and where ' +
        '`etag` is null, of the one of when it was asked for.',
    }),
    effect: ref(Effect),
    legs: Type.Array(ref(Leg), {
      description: 'Of a share that waits: what reading would take, as its dry run says it. Else empty.',
    }),
    diff: Type.Array(ref(PatchOperation), {
      description: 'What it would do to the policy. Whoever approves says by `etag` which policy that is.',
    }),
    warnings: Type.Array(ref(Warning), { description: 'What whoever decides should mind.' }),
    etag: textOrNull(
      'Of the policy that it was held against: approving takes it. Null once it is decided, or where `problem` says why.',
    ),
    requestedBy: Caller,
    requestedAt: moment('When it was asked for.'),
    expiresAt: moment('Nobody can approve it from then on.'),
    granted: Type.Optional(
      Type.Object(
        {
          expiresAt: Type.Optional(moment('When it ends.')),
          actions: Type.Optional(Type.Array(Type.String(), { description: 'What it allows.' })),
        },
        { description: 'What a yes gave in the place of what was asked for: there where that was less.' },
      ),
    ),
    decidedBy: nullable(Caller, 'Who decided; null while nobody has.'),
    decidedAt: momentOrNull('When; null while nobody has.'),
    decisionReason: textOrNull('Why, as whoever decided said it.'),
    problem: nullable(ToldProblem, 'Why it could not be applied; while it waits, why not now.'),
  },
  { $id: 'PendingChange', description: 'A change that waits, or waited, for a second person.' },
);

export const AccessRequest = Type.Object(
  {
    ...PendingChange.properties,
    legs: Type.Array(ref(Leg), { description: 'What your own side needs, whatever is decided: a statement to paste.' }),
  },
  {
    $id: 'AccessRequest',
    description:
      'A request for access, as whoever asked sees it. What it would do to the policy (`effect`, `diff`, `warnings`, `etag`) is ' +
      'for who may read that; then it is left out.',
  },
);

export const ApprovalPage = page(ref(PendingChange), 'PendingChangePage');

export const ApprovalsQuery = Type.Object(
  {
    status: Type.Optional(ApprovalStatus),
    requestedBy: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The subject of who asked; `me` for your own.',
        examples: ['me'],
      }),
    ),
    waitingFor: Type.Optional(
      Type.Enum(['me'], {
        description: 'Only what you may decide: pending, of a group of yours, asked for by another.',
      }),
    ),
    ...Paging,
  },
  { additionalProperties: false },
);

export const ApprovalParams = Type.Object({
  approvalId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The `approvalId` that the change was answered with; the list shows it too.',
  }),
});

export const ApproveRequest = Type.Object(
  {
    reason,
    etag: Type.Optional(
      Type.String({
        maxLength: 256,
        pattern: '^(?:W/)?"[!#-~]*"$',
        description:
          'Required: the `etag` of the approval as you saw it. If the policy is another by now, look again (412).',
      }),
    ),
    expiresAt: Type.Optional(
      moment('Of a share: when it ends, in the place of what was asked for. It may end earlier, and not later.'),
    ),
    actions: Type.Optional(
      Type.Array(Type.Enum([...secretActions]), {
        minItems: 1,
        description: 'Of a share: what it allows, in the place of what was asked for. It may be less, and not more.',
      }),
    ),
  },
  {
    $id: 'ApproveRequest',
    additionalProperties: false,
    description: 'Which policy you saw, and why you decide so, for the audit log.',
    examples: [
      { etag: '"5f2b0e1c"', reason: 'Agreed with the data owner' },
      { etag: '"5f2b0e1c"', expiresAt: '2030-01-01T00:00:00Z', actions: ['secretsmanager:GetSecretValue'] },
    ],
  },
);

export const DecisionRequest = Type.Object(
  { reason },
  {
    $id: 'DecisionRequest',
    additionalProperties: false,
    description: 'Why you decide so: optional, and kept in the audit log.',
    examples: [{ reason: 'Agreed with the data owner' }],
  },
);
