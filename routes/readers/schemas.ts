import Type from 'typebox';
import { readerKinds } from '../../src/access/judge/reader.ts';
import { Decision, Dependency, exceptionsOf } from '../access-checks/schemas.ts';
import { momentOrNull, textOrNull } from '../fields.ts';
import { Entry, Leg, page, ref } from '../schemas.ts';

export const StatementPlace = Type.Object(
  {
    index: Type.Integer({ description: 'Its place in the attached policy’s `Statement`, from 0.' }),
    sid: textOrNull('Its `Sid`; null where it has none.'),
  },
  { $id: 'StatementPlace', description: 'A statement of the attached policy: GET …/policy shows it.' },
);

const named = {
  principal: Type.String({
    description:
      'An ARN (an account’s root ARN), an organization’s id, a service, a deleted principal’s unique id, or `*`.',
  }),
  kind: Type.Enum([...readerKinds], { description: 'What kind of principal that is.' }),
  entryIds: Type.Array(Type.String(), {
    description: 'The shares, denials and restrictions of this service that name it.',
  }),
  entries: Type.Array(ref(Entry), { description: 'The same whole, each with who made it, when and why.' }),
  deniedBy: Type.Array(ref(StatementPlace), { description: 'The Deny statements that apply to it.' }),
  dependsOn: Type.Array(ref(Dependency), { description: 'What it hangs on, in plain words.' }),
};

const Reader = Type.Object(
  {
    ...named,
    decision: Decision,
    because: Type.Array(ref(StatementPlace), { description: 'The Allow statements that name it or let it in.' }),
    expiresAt: momentOrNull('When the last of them ends; null when one does not.'),
    expired: Type.Boolean({ description: 'Whether that is over.' }),
    orphaned: Type.Boolean({ description: 'The principal was deleted: AWS shows its unique id in its place.' }),
    exceptions: exceptionsOf(ref(StatementPlace)),
    legs: Type.Array(ref(Leg), {
      description: 'What reading takes: the secret’s policy, its key and the reader’s own.',
    }),
  },
  { $id: 'Reader', description: 'Somebody whom the policy lets read, or names in vain.' },
);

const DeniedPrincipal = Type.Object(named, {
  $id: 'DeniedPrincipal',
  description: 'Somebody whom a Deny names and no Allow does; `*` is everyone outside a boundary.',
});

export const ReaderPage = Type.Object(
  {
    ...page(ref(Reader), '').properties,
    denied: Type.Array(ref(DeniedPrincipal), { description: 'Whom a Deny names and no Allow does.' }),
    notes: Type.Array(Type.String(), { description: 'What this list can’t tell, in plain words.' }),
    etag: Type.String({
      description:
        'Of the policy that they were judged by, in which statements have their places: GET …/policy has it too.',
    }),
  },
  { $id: 'ReaderPage', description: 'A page of the list, with what holds for all of it.' },
);

export const readerComponents = [StatementPlace, Reader, DeniedPrincipal, ReaderPage];
