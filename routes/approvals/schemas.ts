import Type from 'typebox';
import { approvalStatuses } from '../../src/access/approvals/approval.ts';
import { auditActions } from '../../src/audit/event.ts';
import { Paging, PatchOperation, page, reason, ref, Warning } from '../schemas.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Person = Type.Object({
  subject: Type.String(),
  issuer: nullable(Type.String()),
  method: Type.Enum(['jwt', 'apiKey', 'none', 'system']),
});

export const ApprovalStatus = Type.Enum([...approvalStatuses], {
  description:
    '`pending`: nobody has decided. `approved`: said yes to, and about to be applied. `applied`: done. `failed`: said yes ' +
    'to, but could not be done; `problem` says why. `rejected`, `expired`: nothing was done, and nothing will be.',
});

export const PendingChange = Type.Object(
  {
    approvalId: Type.String(),
    changeId: Type.String({ description: 'The same id: the audit log has all about it under this one.' }),
    status: ApprovalStatus,
    group: Type.String({ description: 'Somebody else, who is a member of this group, decides.' }),
    secret: Type.Object({ arn: Type.String(), name: Type.String() }),
    action: Type.Enum([...auditActions], { description: 'What was asked for.' }),
    request: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'The request as it was made.',
    }),
    reason: nullable(Type.String()),
    ticket: nullable(Type.String()),
    diff: Type.Array(ref(PatchOperation), {
      description:
        'What it would have done to the policy of the moment. It is applied to the policy as it is when approved.',
    }),
    warnings: Type.Array(ref(Warning)),
    requestedBy: Person,
    requestedAt: Type.String({ format: 'date-time' }),
    expiresAt: Type.String({ format: 'date-time', description: 'Nobody can approve it from then on.' }),
    decidedBy: nullable(Person),
    decidedAt: nullable(Type.String({ format: 'date-time' })),
    decisionReason: nullable(Type.String()),
    problem: nullable(
      Type.Object(
        { code: Type.String(), detail: Type.String() },
        { description: 'Why it could not be applied, or not yet.' },
      ),
    ),
  },
  { $id: 'PendingChange', description: 'A change that waits, or waited, for a second person.' },
);

export const ApprovalPage = page(ref(PendingChange), 'PendingChangePage');

export const ApprovalsQuery = Type.Object(
  { status: Type.Optional(ApprovalStatus), ...Paging },
  { additionalProperties: false },
);

export const ApprovalParams = Type.Object({
  approvalId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The `approvalId` that the change was answered with; the list shows it too.',
  }),
});

export const DecisionRequest = Type.Object(
  { reason },
  {
    $id: 'DecisionRequest',
    additionalProperties: false,
    description: 'Why you decide so: optional, and kept in the audit log.',
    examples: [{ reason: 'Agreed with the data owner' }],
  },
);
