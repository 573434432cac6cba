import Type, { type Static, type TSchema } from 'typebox';
import { secretActions } from '../src/policy/actions.ts';
import type { PatchOperation as Patch } from '../src/policy/diff.ts';
import { shownMembers } from '../src/policy/entries/request.ts';
import { changeExample, entryExample, legExample } from './examples.ts';

/** Components that several resources share. Each has an `$id`: OpenAPI shows it under that name. */

/** A reference to a component, with its type. */
export const ref = <T extends TSchema & { $id?: string }>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${String(schema.$id)}#` });

export const SecretId = Type.String({
  minLength: 1,
  maxLength: 2048,
  pattern: '^[A-Za-z0-9/_+=.@!:-]+$',
  description: 'The secret’s name, or its full ARN, percent-encoded: `prod%2Fdb`.',
  examples: ['demo/database'],
});
export const SecretParams = Type.Object({ secretId: SecretId });
/** An id is a hash of what was asked for: these are of the first example of each request, so that they work. */
const exampleIds = {
  share: '809795dc2d0b72d20bd767b3',
  denial: 'adfc4f343b68574d3e9d7b28',
  restriction: '1ff8ce0cbee49bb12588138a',
};
export const entryParams = (kind: keyof typeof exampleIds) =>
  Type.Unsafe<{ secretId: string } & Record<string, string>>(
    Type.Object({
      secretId: SecretId,
      [`${kind}Id`]: Type.String({
        minLength: 1,
        maxLength: 2048,
        description: `The \`id\` of the ${kind}: creating it answers with it, and the list shows it. Filled in: what the example creates.`,
        examples: [exampleIds[kind]],
      }),
    }),
  );

export const reason = Type.Optional(
  Type.String({
    maxLength: 500,
    description: 'Why. Lands in the audit log.',
    examples: ['Reports run in the analytics account'],
  }),
);
export const ticket = Type.Optional(
  Type.String({ maxLength: 100, description: 'Lands in the audit log.', examples: ['OPS-1234'] }),
);

export const DryRun = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Only say what would happen: nothing is written, AWS’s own check is asked.',
      }),
    ),
  },
  { additionalProperties: false },
);
export const DryRunWithReason = Type.Object({ ...DryRun.properties, reason, ticket }, { additionalProperties: false });

/** Header names are matched without regard to case; further headers are fine. */
export const IdempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key and request within 24 hours gets the first answer again.',
    }),
  ),
});
export const ChangeHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 1024,
      description:
        'The ETag of the policy that you saw: `etag` of GET …/policy. The change is refused if it is another by now.',
    }),
  ),
  ...IdempotencyHeader.properties,
});

export const Paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 2048, description: '`nextCursor` of the page before.' })),
};
export const PagingQuery = Type.Object(Paging, { additionalProperties: false });

export const page = <T extends TSchema>(item: T, $id: string) =>
  Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) }, { $id });

/** Kept to the letter: statements of others may hold anything that AWS takes. */
export const PolicyJson = Type.Unsafe<Record<string, unknown>>({
  $id: 'PolicyDocument',
  type: 'object',
  additionalProperties: true,
  description: 'An IAM policy document.',
  examples: [
    {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'secretsmanager:*',
          Principal: { AWS: 'arn:aws:iam::123456789999:user/Mary' },
          Resource: '*',
        },
      ],
    },
  ],
});
const AnyObject = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true });
export const PolicyOrNull = Type.Union([ref(PolicyJson), Type.Null()]);

export const Entry = Type.Object(
  {
    id: Type.String({ description: 'The same for the same request.' }),
    kind: Type.Enum(['share', 'denial', 'restriction']),
    template: Type.String(),
    sid: Type.String({ description: 'The Sid of the statement that holds it.' }),
    ...shownMembers(),
    actions: Type.Array(Type.Enum([...secretActions])),
    conditions: AnyObject,
    expiresAt: Type.Union([Type.String(), Type.Null()]),
    orphaned: Type.Boolean({ description: 'The principal was deleted: AWS shows its unique id in its place.' }),
    words: Type.Object(
      {
        who: Type.String({ description: 'Whom it is about.' }),
        conditions: Type.Array(Type.String(), { description: 'What it asks for besides; not when it ends.' }),
      },
      { description: 'The same said to people. The words may change at any time.' },
    ),
  },
  {
    $id: 'AccessEntry',
    description: 'A share, denial or restriction of the attached policy.',
    examples: [entryExample],
  },
);

export const Leg = Type.Object(
  {
    leg: Type.Enum(['secretPolicy', 'keyPolicy', 'identityPolicy']),
    status: Type.Enum(['done', 'missing', 'unknown', 'notNeeded']),
    account: Type.String(),
    detail: Type.String(),
    statement: Type.Optional(AnyObject),
  },
  {
    $id: 'Leg',
    description: 'One of the three things that reading across accounts takes, with the statement to paste.',
    examples: [legExample],
  },
);

export const Warning = Type.Object({ code: Type.String(), message: Type.String() }, { $id: 'Warning' });

export const PatchOperation = Type.Unsafe<Patch>({
  $id: 'PatchOperation',
  type: 'object',
  required: ['op', 'path'],
  properties: { op: { type: 'string' }, path: { type: 'string' }, from: { type: 'string' } },
  additionalProperties: true,
  description: 'RFC 6902.',
});

export const Change = Type.Object(
  {
    changeId: Type.String(),
    changed: Type.Boolean({ description: 'False when it was so already.' }),
    dryRun: Type.Boolean(),
    share: Type.Optional(ref(Entry)),
    denial: Type.Optional(ref(Entry)),
    restriction: Type.Optional(ref(Entry)),
    secret: Type.Object({ arn: Type.String(), name: Type.String() }),
    policy: PolicyOrNull,
    before: PolicyOrNull,
    diff: Type.Array(ref(PatchOperation), { description: 'From `before` to `policy`.' }),
    etag: Type.String({ description: 'Of `policy`: for If-Match.' }),
    legs: Type.Array(ref(Leg)),
    warnings: Type.Array(ref(Warning)),
  },
  { $id: 'Change', description: 'What a change did to the policy.', examples: [changeExample] },
);

export const components = [PolicyJson, Entry, Leg, Warning, PatchOperation, Change];
