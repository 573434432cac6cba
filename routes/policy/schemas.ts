import Type from 'typebox';
import { anyObject } from '../fields.ts';
import { ChangeHeaders, reason, SecretParams, ticket } from '../parameters.ts';
import { Entry, PolicyJson, policyExamples, policyOrNull, ref } from '../schemas.ts';
import { Secret } from '../secrets/schemas.ts';

export const AttachedPolicy = Type.Object(
  {
    secret: ref(Secret),
    policy: policyOrNull('The document; null where none is attached.'),
    etag: Type.String({ description: 'Of `policy`: for If-Match.' }),
    shares: Type.Array(ref(Entry), { description: 'Who is let in by this service.' }),
    denials: Type.Array(ref(Entry), { description: 'Who is denied by this service.' }),
    restrictions: Type.Array(ref(Entry), { description: 'The boundaries that this service drew.' }),
    foreign: Type.Array(anyObject('A statement.'), {
      description: 'Statements that this service did not make: kept to the letter.',
    }),
    foreignStatements: Type.Array(
      Type.Object({
        hash: Type.String({ description: 'Names it: the same however AWS spells the statement.' }),
        sid: Type.Union([Type.String(), Type.Null()], { description: 'Its Sid; null where it has none.' }),
        template: Type.Union([Type.String(), Type.Null()], {
          description: 'The template that says the same: POST …/policy/adopt makes it one of ours. Null: none does.',
        }),
      }),
      {
        description:
          'The statements of `foreign`, in their order, as DELETE …/policy/statements and POST …/policy/adopt name them.',
      },
    ),
    missing: Type.Union([Type.Array(ref(Entry)), Type.Null()], {
      description: 'Ours, dropped by somebody else: POST …/policy/restore-drift puts them back.',
    }),
    size: Type.Object(
      {
        characters: Type.Integer({ description: 'How long it is.' }),
        limit: Type.Integer({ description: 'The most that AWS takes.' }),
        room: Type.Integer({ description: 'How many characters are left.' }),
      },
      { description: 'How full the policy is.' },
    ),
  },
  { $id: 'AttachedPolicy', description: 'The policy attached now, and what it means.' },
);

/** The document itself, as it is pasted from the AWS guide; or with a reason beside it. */
export const PolicyPut = Type.Unsafe<Record<string, unknown>>({
  $id: 'PolicyPut',
  type: 'object',
  description: 'The policy document as it is; or `{policy, reason, ticket}`.',
  oneOf: [
    {
      title: 'The document',
      type: 'object',
      required: ['Statement'],
      properties: { Statement: { description: 'One statement, or a list.' }, policy: false },
    },
    {
      title: 'The document with a reason',
      type: 'object',
      additionalProperties: false,
      required: ['policy'],
      properties: { policy: ref(PolicyJson), reason, ticket },
    },
  ],
  examples: policyExamples,
});

export const PutHeaders = Type.Object({
  ...ChangeHeaders.properties,
  'if-none-match': Type.Optional(Type.Literal('*', { description: 'Only when no policy is attached.' })),
});

export const RestoreDriftRequest = Type.Object(
  { reason, ticket },
  {
    $id: 'RestoreDriftRequest',
    additionalProperties: false,
    description: 'Why they are put back: optional.',
    examples: [{ reason: 'Terraform dropped them' }],
  },
);

export const PruneRequest = Type.Object(
  {
    includeForeign: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Take deleted principals out of statements of others too, and statements away that name nobody else.',
      }),
    ),
    reason,
    ticket,
  },
  {
    $id: 'PruneRequest',
    additionalProperties: false,
    description: 'Why they are taken out: optional.',
    examples: [{ reason: 'The roles are gone' }],
  },
);

const HASH = {
  description: 'The `hash` of a statement of others: `foreignStatements` of GET …/policy.',
  examples: ['9f2b6d0c5a1e4b7f9f2b6d0c'],
};
const StatementHash = Type.String({ pattern: '^[0-9a-f]{24}$', ...HASH });

export const AdoptRequest = Type.Object(
  { hash: StatementHash, reason, ticket },
  {
    $id: 'AdoptRequest',
    additionalProperties: false,
    description: 'The statement that is to be one of ours.',
    examples: [{ hash: '9f2b6d0c5a1e4b7f9f2b6d0c', reason: 'We look after it from now on' }],
  },
);

export const StatementParams = Type.Object({
  ...SecretParams.properties,
  statementHash: Type.String({ maxLength: 100, ...HASH }),
});

export const RollbackRequest = Type.Object(
  {
    changeId: Type.String({
      pattern: '^[0-9A-Za-z-]{1,64}$',
      description:
        'The policy is brought back to what it was before this change: the `changeId` of its answer, or of an audit event.',
    }),
    reason,
    ticket,
  },
  {
    $id: 'RollbackRequest',
    additionalProperties: false,
    description: 'The change before which the policy was right.',
    examples: [{ changeId: '01890a5d-ac96-774b-bcce-b302099a8057', reason: 'The wrong account' }],
  },
);
