import Type from 'typebox';
import { findingKinds, severities } from '../../src/estate/findings/finding.ts';
import { findingStatuses } from '../../src/estate/lists/list-findings.ts';
import { moment, NamedSecret, nullable } from '../fields.ts';
import { Paging, ticket } from '../parameters.ts';
import { page, ref } from '../schemas.ts';
import { OfSecret, where } from './schemas.ts';

const FindingStatus = Type.Enum([...findingStatuses], {
  description: 'Whether somebody has said that it may stay so for now.',
});

export const Finding = Type.Object(
  {
    id: Type.String({ description: 'The same as long as it lasts, and when it comes again.' }),
    kind: Type.Enum(findingKinds, {
      description:
        '`public`: everybody may read. `outside-reader`: somebody of an account that is not surveyed, or of an organization, ' +
        'may for certain. `unusable-share`: the policy lets somebody read, and a key does not. `lapsed-denial`: a Deny ' +
        'names who was deleted. `orphan`: an Allow does. `expired-entry`: an entry of ours is over and still there. ' +
        '`near-size-limit`: the policy takes hardly more. `outside-writer`: somebody outside may change the policy for certain. ' +
        '`locked-out`: the policy denies this service itself. `drift`: the policy is not as our last change left it. ' +
        '`rotation-shut-out`: a Deny by network spares no role of the function that rotates the secret.',
    }),
    etag: Type.String({ description: 'Another where it is about others: acknowledging takes the one that was seen.' }),
    severity: Type.Enum([...severities], { description: 'How bad it is.' }),
    status: FindingStatus,
    since: moment('When it was first seen.'),
    secret: NamedSecret,
    ...where,
    detail: Type.String({ description: 'What is wrong, in plain words.' }),
    mend: Type.Object(
      {
        method: Type.Enum(['GET', 'POST'], { description: 'Of the call.' }),
        path: Type.String({ description: 'Of the call.' }),
      },
      { description: 'The call that mends it, or shows what to change.' },
    ),
    acknowledged: nullable(
      Type.Object({
        by: Type.String({ description: 'Who said so.' }),
        reason: Type.String({ description: 'Why.' }),
        at: moment('When.'),
        until: moment('Until when that holds.'),
      }),
      'What was said of it; null where nobody did, where that has run out, or somebody came to it since.',
    ),
    asOf: moment('As of when this is: it may have changed since.'),
  },
  { $id: 'Finding', description: 'Something that is wrong with a secret.' },
);
export const FindingPage = page(ref(Finding), 'FindingPage');

export const FindingsQuery = Type.Object(
  {
    kind: Type.Optional(Type.Enum(findingKinds, { description: 'Of this kind.' })),
    severity: Type.Optional(Type.Enum([...severities], { description: 'Of this severity.' })),
    ...OfSecret,
    status: Type.Optional(Type.Enum([...findingStatuses], { description: 'Open, or acknowledged.' })),
    ...Paging,
  },
  { additionalProperties: false },
);

export const FindingParams = Type.Object({
  findingId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The `id` of a finding: the list shows it.',
    examples: ['0123456789abcdef01234567'],
  }),
});

export const AcknowledgeRequest = Type.Object(
  {
    etag: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'The `etag` of the finding as you saw it. If it is about others by now, look again (412). Without it the finding of now is meant.',
        examples: ['"2f6c1d0e9b8a7f65"'],
      }),
    ),
    reason: Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'Why it may stay so. Lands in the audit log.',
      examples: ['The partner reads it until the contract ends'],
    }),
    until: Type.String({
      format: 'date-time',
      description: 'Until when; in the future.',
      examples: ['2099-12-31T00:00:00Z'],
    }),
    ticket,
  },
  {
    $id: 'AcknowledgeRequest',
    additionalProperties: false,
    description: 'Somebody knows of a finding.',
    examples: [
      {
        etag: '"2f6c1d0e9b8a7f65"',
        reason: 'The partner reads it until the contract ends',
        until: '2099-12-31T00:00:00Z',
      },
    ],
  },
);

export const findingComponents = [AcknowledgeRequest, Finding, FindingPage];
