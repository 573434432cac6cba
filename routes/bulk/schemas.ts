import Type from 'typebox';
import { counted } from '../../src/english.ts';
import { choosingMembers } from '../../src/policy/entries/request.ts';
import { PrincipalName } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { DenialRequest } from '../denials/schemas.ts';
import { EntryKind } from '../fields.ts';
import { reason, SecretId, ticket } from '../parameters.ts';
import { ShareRequest } from '../shares/schemas.ts';

export const MAX_ITEMS = 1_000;
const { reason: _r, ticket: _t, ...share } = ShareRequest.properties;
const { reason: _dr, ticket: _dt, ...denial } = DenialRequest.properties;

type Members = Record<string, Type.TSchema>;

const itemsOf = <T extends Members>(item: T) =>
  Type.Array(Type.Object({ secretId: SecretId, ...item }, { additionalProperties: false }), {
    minItems: 1,
    maxItems: MAX_ITEMS,
    description: 'Each is a change of its own.',
  });

const about = ($id: string, ...examples: readonly Record<string, unknown>[]) => ({
  $id,
  additionalProperties: false,
  description: `Up to ${counted(MAX_ITEMS)} changes, and why.`,
  examples: examples.map((example) => ({ ...example, reason: 'Migration' })),
});

const some = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Optional(Type.Array(schema, { minItems: 1, maxItems: MAX_ITEMS, uniqueItems: true, description }));

/** Either items, or the same for each of these principals on each of these secrets: spread.ts holds that. */
const spreadable = <T extends Members>(
  $id: string,
  kind: 'share' | 'denial',
  item: T,
  ...examples: Record<string, unknown>[]
) =>
  Type.Object(
    {
      items: Type.Optional(itemsOf(item)),
      secretIds: some(SecretId, 'In the place of `items`: each of these secrets with each of `principals`.'),
      principals: some(PrincipalName, 'Goes with `secretIds`.'),
      ...forAll(kind, item),
      reason,
      ticket,
    },
    about($id, ...examples),
  );

/** Without their defaults: what nobody said goes with `items` as well. */
const forAll = (kind: 'share' | 'denial', item: Members): Members =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([name]) => !choosingMembers(kind).includes(name))
      .map(([name, schema]) => {
        const { default: _, ...rest } = schema as Type.TSchema & { default?: unknown };
        return [name, Type.Optional(rest)];
      }),
  );

export const BulkShareRequest = spreadable(
  'BulkShareRequest',
  'share',
  share,
  { items: [{ secretId: 'demo/database', principal: 'arn:aws:iam::123456789999:user/Mary' }] },
  {
    secretIds: ['demo/database', 'demo/api-key'],
    principals: ['222222222222', 'arn:aws:iam::123456789999:user/Mary'],
    expiresIn: '30d',
  },
);
export const BulkDenialRequest = spreadable(
  'BulkDenialRequest',
  'denial',
  denial,
  { items: [{ secretId: 'demo/database', principal: 'arn:aws:iam::222222222222:role/app' }] },
  { secretIds: ['demo/database', 'demo/api-key'], principals: ['arn:aws:iam::222222222222:role/app'] },
);
export const BulkRevocationRequest = Type.Object(
  {
    items: itemsOf({
      kind: EntryKind,
      id: Type.String({ pattern: '^[0-9a-f]{24}$', description: 'The `id` of the share, denial or restriction.' }),
    }),
    reason,
    ticket,
  },
  about('BulkRevocationRequest', {
    items: [{ secretId: 'demo/database', kind: 'share', id: '809795dc2d0b72d20bd767b3' }],
  }),
);
