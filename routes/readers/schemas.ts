import Type from 'typebox';
import { readerKinds } from '../../src/access/judge/reader.ts';
import { Decision, Dependency } from '../access-checks/schemas.ts';
import { Leg, page, ref } from '../schemas.ts';

const StatementPlace = Type.Object(
  {
    index: Type.Integer({ description: 'Its place in the attached policy’s `Statement`, from 0.' }),
    sid: Type.Union([Type.String(), Type.Null()]),
  },
  { $id: 'StatementPlace', description: 'A statement of the attached policy: GET …/policy shows it.' },
);

const named = {
  principal: Type.String({
    description:
      'An ARN (an account’s root ARN), an organization’s id, a service, a deleted principal’s unique id, or `*`.',
  }),
  kind: Type.Enum([...readerKinds]),
  entryIds: Type.Array(Type.String(), {
    description: 'The shares, denials and restrictions of this service that name it.',
  }),
  deniedBy: Type.Array(ref(StatementPlace), { description: 'The Deny statements that apply to it.' }),
  dependsOn: Type.Array(ref(Dependency), { description: 'What it hangs on, in plain words.' }),
};

export const Reader = Type.Object(
  {
    ...named,
    decision: Decision,
    because: Type.Array(ref(StatementPlace), { description: 'The Allow statements that name it or let it in.' }),
    expiresAt: Type.Union([Type.String(), Type.Null()], {
      description: 'When the last of them ends; null when one does not.',
    }),
    expired: Type.Boolean(),
    orphaned: Type.Boolean({ description: 'The principal was deleted: AWS shows its unique id in its place.' }),
    legs: Type.Array(ref(Leg)),
  },
  { $id: 'Reader', description: 'Somebody whom the policy lets read, or names in vain.' },
);

export const DeniedPrincipal = Type.Object(named, {
  $id: 'DeniedPrincipal',
  description: 'Somebody whom a Deny names and no Allow does; `*` is everyone outside a boundary.',
});

export const ReaderPage = Type.Object(
  {
    ...page(ref(Reader), '').properties,
    denied: Type.Array(ref(DeniedPrincipal)),
    notes: Type.Array(Type.String()),
  },
  { $id: 'ReaderPage' },
);

export const readerComponents = [StatementPlace, Reader, DeniedPrincipal, ReaderPage];
