import Type, { type Static, type TSchema } from 'typebox';
import { readerKinds } from '../src/access/judge/reader.ts';
import { secretActions } from '../src/policy/actions.ts';
import type { PatchOperation as Patch } from '../src/policy/changes/diff.ts';
import { shownMembers } from '../src/policy/entries/request.ts';
import { anyObject, EntryKind, moment, momentOrNull, NamedSecret, origin } from './fields.ts';

/** Components that several resources share. Each has an `$id`: OpenAPI shows it under that name. */

/** A reference to a component, with its type. */
export const ref = <T extends TSchema & { $id?: string }>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${String(schema.$id)}#` });

export const page = <T extends TSchema>(item: T, $id: string) =>
  Type.Object(
    {
      items: Type.Array(item, { description: 'Those of this page.' }),
      nextCursor: Type.Union([Type.String(), Type.Null()], {
        description: '`cursor` of the next page; null where there is none.',
      }),
    },
    { $id, description: 'A page of a list.' },
  );

export const policyExamples = [
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
];
/** Kept to the letter: statements of others may hold anything that AWS takes. */
export const PolicyJson = Type.Unsafe<Record<string, unknown>>({
  $id: 'PolicyDocument',
  type: 'object',
  additionalProperties: true,
  description: 'An IAM policy document.',
  examples: policyExamples,
});
export const policyOrNull = (description: string) => Type.Union([ref(PolicyJson), Type.Null()], { description });
export const policies = {
  before: policyOrNull('The policy before; null where none was attached.'),
  after: policyOrNull('The policy after; null where none is attached.'),
};

export const Entry = Type.Object(
  {
    id: Type.String({ description: 'The same for the same request.' }),
    kind: EntryKind,
    template: Type.String({ description: 'The `name` of the template that it is of: GET /v1/templates.' }),
    sid: Type.String({ description: 'The Sid of the statement that holds it.' }),
    ...shownMembers(),
    actions: Type.Array(Type.Enum([...secretActions]), { description: 'What it allows or denies, as IAM names it.' }),
    conditions: anyObject('What it asks for besides, by the names of the request’s fields.'),
    expiresAt: momentOrNull('When it ends; null for what does not.'),
    orphaned: Type.Boolean({ description: 'The principal was deleted: AWS shows its unique id in its place.' }),
    words: Type.Object(
      {
        who: Type.String({ description: 'Whom it is about.' }),
        conditions: Type.Array(Type.String(), { description: 'What it asks for besides; not when it ends.' }),
      },
      { description: 'The same said to people. The words may change at any time.' },
    ),
    ...origin,
  },
  {
    $id: 'AccessEntry',
    description: 'A share, denial or restriction of the attached policy.',
  },
);

export const Leg = Type.Object(
  {
    leg: Type.Enum(['secretPolicy', 'keyPolicy', 'identityPolicy', 'organization'], {
      description:
        'Which of the three policies: the secret’s, its key’s, or the reader’s own; or what control policies of the organization ' +
        'leave of it, in the owner’s account and in the reader’s, where this service may ask for them.',
    }),
    status: Type.Enum(['done', 'missing', 'unknown', 'notNeeded'], {
      description:
        '`unknown` is what can’t be seen from here; `done` and `missing` are certain, as of `asOf` where it is there.',
    }),
    account: Type.String({ description: 'Where that policy is.' }),
    region: Type.Optional(
      Type.String({ description: 'Of the key: one leg for the secret’s own Region, and one for each replica.' }),
    ),
    detail: Type.String({ description: 'What it is, or what to do, in plain words.' }),
    asOf: Type.Optional(
      moment(
        'When the key, its policy and its grants were read, the reader’s own policies, or the organization’s control policies, which are ' +
          'remembered for five minutes: what somebody else changed of them since is not known.',
      ),
    ),
    settlesAt: Type.Optional(moment('Until then AWS may not know everywhere that it is done: a grant is new.')),
    unlessLimitedBy: Type.Optional(
      Type.Array(Type.Enum(['permissionsBoundary', 'sessionPolicy']), {
        description:
          'Of the identity policies, where `done` or `notNeeded`: policies of the reader that are not seen from here, only ' +
          'take away, and must allow it too if it has one. Left out for a user or session whom the policies of secret and ' +
          'key name by its ARN: those can only deny it.',
      }),
    ),
    allows: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Of a key that does not let the reader do all that it takes: the KMS actions that it certainly lets.',
      }),
    ),
    refuses: Type.Optional(
      Type.Array(Type.String(), { description: 'Likewise: the KMS actions that it certainly does not let.' }),
    ),
    statement: Type.Optional(anyObject('The statement to add there.')),
  },
  {
    $id: 'Leg',
    description: 'One of the three things that reading across accounts takes, with the statement to paste.',
  },
);

export const Warning = Type.Object(
  {
    code: Type.String({ description: 'The same for the same kind of warning. There may be new ones.' }),
    message: Type.String({ description: 'What to mind, in plain words.' }),
  },
  { $id: 'Warning', description: 'What to mind about a change that was made all the same.' },
);

export const PatchOperation = Type.Unsafe<Patch>({
  $id: 'PatchOperation',
  type: 'object',
  required: ['op', 'path'],
  properties: {
    op: { type: 'string', description: '`add`, `remove`, `replace`, `move`, `copy` or `test`.' },
    path: { type: 'string', description: 'Where: a JSON Pointer (RFC 6901).' },
    from: { type: 'string', description: 'Where from: for `move` and `copy`.' },
    value: { description: 'What: for `add`, `replace` and `test`.' },
  },
  additionalProperties: true,
  description: 'RFC 6902.',
});

const EffectItem = Type.Object(
  {
    principal: Type.String({
      description: 'An ARN (an account’s root ARN for all the rest of it), an organization’s id, a service, or `*`.',
    }),
    kind: Type.Enum([...readerKinds], { description: 'What that is.' }),
    actions: Type.Array(Type.String(), { description: 'Each by its name.' }),
    conditions: Type.Array(Type.String(), {
      description: 'In words: all of them must hold. None where it is so for every call.',
    }),
    except: Type.Array(Type.String(), { description: 'Those of it for whom it is not so, or not just so.' }),
  },
  { $id: 'EffectItem', description: 'Some actions that somebody gains or loses.' },
);

export const Effect = Type.Object(
  {
    gains: Type.Array(ref(EffectItem), { description: 'Who may do what it might not do before.' }),
    loses: Type.Array(ref(EffectItem), { description: 'Who may no longer do what it might.' }),
  },
  {
    $id: 'Effect',
    description:
      'Who gains and who loses what, judged on the policies before and after. What somebody needs besides (its own identity ' +
      'policies, the key) is not in it: `legs` say that.',
  },
);

export const Change = Type.Object(
  {
    changeId: Type.String({ description: 'Finds what the audit log has of it.' }),
    changed: Type.Boolean({ description: 'False when it was so already.' }),
    dryRun: Type.Boolean({ description: 'Whether this only says what would happen.' }),
    summary: Type.String({
      description: 'One sentence: what is so now (of a dry run: what would be), and what is still missing for whom.',
    }),
    effect: ref(Effect),
    legs: Type.Array(ref(Leg), {
      description:
        'What reading takes, where the change is a share: the secret’s policy, its key and the reader’s own. They are ' +
        'judged on the policy as it is after the change, of a dry run as it would be.',
    }),
    warnings: Type.Array(ref(Warning), { description: 'What to mind; often nothing.' }),
    share: Type.Optional(ref(Entry)),
    denial: Type.Optional(ref(Entry)),
    restriction: Type.Optional(ref(Entry)),
    secret: NamedSecret,
    policy: policies.after,
    before: policies.before,
    diff: Type.Array(ref(PatchOperation), { description: 'From `before` to `policy`.' }),
    etag: Type.String({ description: 'Of `policy`: for If-Match.' }),
  },
  { $id: 'Change', description: 'What a change did to the policy.' },
);

export const components = [PolicyJson, Entry, Leg, Warning, PatchOperation, EffectItem, Effect, Change];
