import Type from 'typebox';
import { DenialRequest } from '../denials/schemas.ts';
import { EntryKind } from '../fields.ts';
import { reason, SecretId, ticket } from '../parameters.ts';
import { ShareRequest } from '../shares/schemas.ts';

const MAX_ITEMS = 1_000;
const { reason: _r, ticket: _t, ...share } = ShareRequest.properties;
const { reason: _dr, ticket: _dt, ...denial } = DenialRequest.properties;

const requestOf = <T extends Record<string, Type.TSchema>>($id: string, item: T, example: Record<string, unknown>) =>
  Type.Object(
    {
      items: Type.Array(Type.Object({ secretId: SecretId, ...item }, { additionalProperties: false }), {
        minItems: 1,
        maxItems: MAX_ITEMS,
        description: 'Each is a change of its own.',
      }),
      reason,
      ticket,
    },
    {
      $id,
      additionalProperties: false,
      description: `Up to ${MAX_ITEMS.toLocaleString('en')} changes, and why.`,
      examples: [{ items: [example], reason: 'Migration' }],
    },
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
  {
    kind: EntryKind,
    id: Type.String({ pattern: '^[0-9a-f]{24}$', description: 'The `id` of the share, denial or restriction.' }),
  },
  { secretId: 'demo/database', kind: 'share', id: '809795dc2d0b72d20bd767b3' },
);
