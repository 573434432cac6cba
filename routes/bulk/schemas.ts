import Type from 'typebox';
import { itemStatuses } from '../../src/access/bulk/operation.ts';
import { DenialRequest } from '../denials/schemas.ts';
import { page, reason, ref, SecretId, ticket } from '../schemas.ts';
import { ShareRequest } from '../shares/schemas.ts';

const MAX_ITEMS = 1_000;
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const { reason: _r, ticket: _t, ...share } = ShareRequest.properties;
const { reason: _dr, ticket: _dt, ...denial } = DenialRequest.properties;

const requestOf = <T extends Record<string, Type.TSchema>>($id: string, item: T, example: Record<string, unknown>) =>
  Type.Object(
    {
      items: Type.Array(Type.Object({ secretId: SecretId, ...item }, { additionalProperties: false }), {
        minItems: 1,
        maxItems: MAX_ITEMS,
      }),
      reason,
      ticket,
    },
    { $id, additionalProperties: false, examples: [{ items: [example], reason: 'Migration' }] },
  );

export const BulkShareRequest = requestOf('BulkShareRequest', share, {
  secretId: 'demo/database',
  principal: 'arn:aws:iam::123456789999:user/Mary',
});
export const BulkDenialRequest = requestOf('BulkDenialRequest', denial, {
  secretId: 'demo/database',
  principal: 'arn:aws:iam::222222222222:role/app',
});
export const BulkRevocationRequest = requestOf(
  'BulkRevocationRequest',
  { kind: Type.Enum(['share', 'denial', 'restriction']), id: Type.String({ pattern: '^[0-9a-f]{24}$' }) },
  { secretId: 'demo/database', kind: 'share', id: '809795dc2d0b72d20bd767b3' },
);

export const Operation = Type.Object(
  {
    id: Type.String(),
    action: Type.Enum(['share', 'deny', 'revoke']),
    status: Type.Enum(['running', 'cancelling', 'cancelled', 'done']),
    dryRun: Type.Boolean({ description: 'Then `applied` means: it would be.' }),
    requestedBy: Type.String(),
    reason: nullable(Type.String()),
    ticket: nullable(Type.String()),
    createdAt: Type.String({ format: 'date-time' }),
    finishedAt: nullable(Type.String({ format: 'date-time' })),
    counts: Type.Object({
      total: Type.Integer(),
      ...(Object.fromEntries(itemStatuses.map((status) => [status, Type.Integer()])) as Record<
        (typeof itemStatuses)[number],
        Type.TInteger
      >),
    }),
  },
  { $id: 'Operation', description: 'A bulk operation, and how far it is.' },
);

export const OperationItem = Type.Object(
  {
    position: Type.Integer({ description: 'Its place in the request, from 0.' }),
    secretId: Type.String(),
    request: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
    status: Type.Enum([...itemStatuses]),
    changeId: nullable(Type.String()),
    result: nullable(
      Type.Object({
        entryId: Type.Optional(Type.String()),
        approvalId: Type.Optional(Type.String()),
        problem: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
      }),
    ),
  },
  { $id: 'OperationItem' },
);
export const OperationPage = page(ref(Operation), 'OperationPage');
export const OperationItemPage = page(ref(OperationItem), 'OperationItemPage');
