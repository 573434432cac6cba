import Type from 'typebox';
import { itemStatuses } from '../../src/access/bulk/operation.ts';
import { notDoneReasons } from '../../src/access/incidents/tell/not-done.ts';
import { incidentStatuses } from '../../src/access/incidents/tell/tell-incident.ts';
import { ExceptPrincipals, PrincipalName } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { Account } from '../estate/schemas.ts';
import { count, nullable, ToldProblem, ToldWarning } from '../fields.ts';
import { Operation } from '../operations/schemas.ts';
import { DryRun, reason, SecretId, ticket } from '../parameters.ts';
import { page, ref } from '../schemas.ts';

const MAX_IDS = 1_000;

const Freeze = Type.Object(
  {
    secretIds: Type.Optional(
      Type.Array(SecretId, { minItems: 1, maxItems: MAX_IDS, uniqueItems: true, description: 'These secrets.' }),
    ),
    tag: Type.Optional(
      Type.Object(
        {
          key: Type.String({ minLength: 1, maxLength: 128, description: 'They have this tag.' }),
          value: Type.Optional(Type.String({ maxLength: 256, description: 'With this value; left out: with any.' })),
        },
        { additionalProperties: false, description: 'All secrets of the estate with a tag.' },
      ),
    ),
    account: Type.Optional(Account),
  },
  {
    additionalProperties: false,
    description: 'Deny reading on these: exactly one of `secretIds`, `tag` and `account`.',
  },
);

const Evict = Type.Object(
  {
    account: Type.Optional(Account),
    principal: Type.Optional(Type.Unsafe<string>({ ...PrincipalName, description: 'Whom: as in a share.' })),
  },
  {
    additionalProperties: false,
    description:
      'Deny these everywhere, and take their shares and key grants: exactly one of `account` and `principal`.',
  },
);

const asked = { freeze: Type.Optional(Freeze), except: Type.Optional(ExceptPrincipals), evict: Type.Optional(Evict) };

export const IncidentRequest = Type.Object(
  {
    ...asked,
    except: Type.Optional(
      Type.Array(PrincipalName, {
        maxItems: 50,
        uniqueItems: true,
        description:
          'Of a freeze: who may read on. Break-glass roles, and the roles of rotation functions. AWS services that call by ' +
          'themselves are not denied.',
      }),
    ),
    token: Type.Optional(
      Type.String({ maxLength: 100, description: 'Of the dry run: for more than 20 secrets it must be there.' }),
    ),
    reason,
    ticket,
  },
  {
    $id: 'IncidentRequest',
    additionalProperties: false,
    description: 'What is to be denied at once: exactly one of `freeze` and `evict`.',
    examples: [
      { freeze: { secretIds: ['demo/database'] }, except: ['arn:aws:iam::111111111111:user/owner'], reason: 'Leaked' },
      { evict: { account: '222222222222' }, reason: 'The account is lost' },
    ],
  },
);

export const LiftRequest = Type.Object(
  { reason, ticket },
  {
    $id: 'LiftRequest',
    additionalProperties: false,
    description: 'Why it may be undone.',
    examples: [{ reason: 'All clear' }],
  },
);

const IncidentAction = Type.Enum(['freeze', 'evict'], { description: 'What is done to each secret.' });
const secretId = Type.String({ description: 'The secret.' });

export const IncidentPlan = Type.Object(
  {
    action: IncidentAction,
    dryRun: Type.Boolean({ description: 'Always: nothing was done.' }),
    secrets: count('How many secrets it is about.'),
    shares: count('How many shares would be taken, and given back by the lift.'),
    refused: Type.Array(Type.Object({ secretId, detail: Type.String({ description: 'Why.' }) }), {
      description: 'What the guardrails keep you from, of what you may know of: the first 100.',
    }),
    refusedTotal: count('All of those, with what you may not know of.'),
    hit: Type.Array(
      Type.Object({
        principal: Type.String({ description: 'As policies name it.' }),
        secrets: count('Of how many secrets.'),
      }),
      {
        description:
          'Who reads now, or may, as policies say: the first 100, of the first 500 secrets. Of each secret’s own account also ' +
          'whoever its identity policies let.',
      },
    ),
    rotate: Type.Array(Type.String(), {
      description: 'Secrets that may have been read: rotate them, since nobody forgets. The first 1,000.',
    }),
    rotateTotal: count('All of those.'),
    gaps: Type.Array(Type.String(), { description: 'What was never seen whole: there may be more secrets.' }),
    token: Type.String({ description: 'Stands for just this: send it to have it done.' }),
    tokenNeeded: Type.Boolean({ description: 'Whether these are so many that it must be there.' }),
  },
  { $id: 'IncidentPlan', description: 'What an incident would do.' },
);

const notDoneReason = Type.Enum([...notDoneReasons], {
  description:
    '`refused` by guardrails; `open`: it lets in who is evicted, or the denial was taken out, by what was seen of it since: begin again.',
});

const incident = {
  id: Type.String({
    description: 'Its id, and that of the operation: GET /v1/operations/{id}/items, /events. UUIDv7.',
  }),
  action: IncidentAction,
  asked: Type.Object(asked, { description: 'What it is about.' }),
  status: Type.Enum([...incidentStatuses], {
    description:
      '`standing`: what could be denied is; see `operation.counts` and `notDone`. `partlyLifted`: some could not be lifted; lift ' +
      'it again.',
  }),
  operation: ref(Operation),
  lift: nullable(ref(Operation), 'The last operation that lifts it; null where there is none.'),
};

const Incident = Type.Object(incident, { $id: 'Incident', description: 'Something that is denied at once.' });
export const IncidentPage = page(ref(Incident), 'IncidentPage');

export const IncidentDetail = Type.Object(
  {
    ...incident,
    notDone: Type.Array(
      Type.Object({
        secretId,
        reason: notDoneReason,
        problem: { ...ToldProblem, description: 'Why.' },
      }),
      { description: 'What is not denied, and what to do: the first 1,000.' },
    ),
    notDoneTotal: count('All of those, with what guardrails refuse and whoever began it may not know of.'),
    rotate: Type.Array(Type.String(), {
      description: 'Secrets that may have been read before: rotate them, since nobody forgets. The first 1,000.',
    }),
    rotateTotal: count('All of those.'),
    notLifted: Type.Array(
      Type.Object({
        secretId,
        problem: { ...ToldProblem, description: 'Why.' },
        todo: Type.String({ description: 'Who may end it, and how.' }),
      }),
      { description: 'Where the last lift left something: the first 1,000.' },
    ),
    notLiftedTotal: count('All of those.'),
    warnings: Type.Array(Type.Object({ secretId, ...ToldWarning.properties }), {
      description: 'What to know of what was done, or lifted: a key grant that could not be revoked. The first 1,000.',
    }),
  },
  { $id: 'IncidentDetail', description: 'An incident, and what is left to do.' },
);

const IncidentSecret = Type.Object(
  {
    secretId,
    status: Type.Enum([...itemStatuses], { description: 'As of an item of an operation.' }),
    notDone: nullable(
      Type.Object({ reason: notDoneReason, problem: { ...ToldProblem, description: 'Why.' } }),
      'Why it is not denied; null where it is, or is not begun yet.',
    ),
    rotate: Type.Boolean({ description: 'Whether it may have been read before: rotate it.' }),
    warnings: Type.Array(ToldWarning, { description: 'What to know of what was done.' }),
  },
  { $id: 'IncidentSecret', description: 'What became of one secret of an incident.' },
);
export const IncidentSecretPage = page(ref(IncidentSecret), 'IncidentSecretPage');

export const LiftPlan = Type.Object(
  {
    incidentId: Type.String({ description: 'The incident.' }),
    dryRun: Type.Boolean({ description: 'Always: nothing was done.' }),
    secrets: count('How many secrets would be lifted.'),
  },
  { $id: 'LiftPlan', description: 'What a lift would do.' },
);

export const IncidentParams = Type.Object({
  incidentId: Type.String({ minLength: 1, maxLength: 64, description: 'The `id` of an incident.' }),
});

export const IncidentQuery = DryRun;
export const incidentComponents = [
  ...[IncidentRequest, LiftRequest, IncidentPlan, LiftPlan, Incident, IncidentPage, IncidentDetail],
  ...[IncidentSecret, IncidentSecretPage],
];
