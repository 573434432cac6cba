import Type from 'typebox';
import { DURATION } from '../src/duration.ts';

/** What many requests take: in the path, the query, headers and bodies. */

export const SecretId = Type.String({
  minLength: 1,
  maxLength: 2048,
  pattern: '^[A-Za-z0-9/_+=.@!:-]+$',
  description: 'The secret’s name, or its full ARN.',
  examples: ['demo/database'],
});
const SecretInPath = Type.String({
  ...SecretId,
  description:
    'The secret’s name, or its full ARN: `demo/database`. In the address a slash is `%2F`; Swagger UI and clients write that for ' +
    'you. `-` means the one that the query names as `secretId`: names with a dot segment, an empty segment, or a slash at ' +
    'either end are refused here.',
});
export const SecretParams = Type.Object({ secretId: SecretInPath });
/** An id is a hash of what was asked for: these are of the first example of each request, so that they work. */
const exampleIds = {
  share: '809795dc2d0b72d20bd767b3',
  denial: 'adfc4f343b68574d3e9d7b28',
  restriction: '1ff8ce0cbee49bb12588138a',
};
export const entryParams = (kind: keyof typeof exampleIds) =>
  Type.Unsafe<{ secretId: string } & Record<string, string>>(
    Type.Object({
      secretId: SecretInPath,
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

/** A length of time in a request: src/duration.ts. */
export const duration = (description: string, example: string) =>
  Type.String({ pattern: DURATION, description, examples: [example] });
export const expiresIn = Type.Optional(
  duration('In the place of `expiresAt`: how long from now, in m(inutes), h(ours), d(ays) or w(eeks).', '30d'),
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
        'The ETag of the policy that you saw, in its quotes: `etag` of GET …/policy. The change is refused if it is another ' +
        'by now. One that a proxy made weak (`W/"…"`) is as good.',
    }),
  ),
  ...IdempotencyHeader.properties,
});

export const Paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'At most so many in one answer.' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 2048, description: '`nextCursor` of the page before.' })),
};
export const PagingQuery = Type.Object(Paging, { additionalProperties: false });
