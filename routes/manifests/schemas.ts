import Type from 'typebox';
import { requestMembers } from '../../src/policy/entries/request.ts';
import { DenialRequest } from '../denials/schemas.ts';
import { reason, SecretId, ticket } from '../parameters.ts';
import { RestrictionRequest } from '../restrictions/schemas.ts';
import { Effect, Entry, ref, Warning } from '../schemas.ts';
import { ShareRequest } from '../shares/schemas.ts';

/** Each secret of it is looked at at once. */
const MAX_SECRETS = 100;
/** A policy holds about 610 (src/policy/entries). */
const MAX_ENTRIES = 700;

const { acknowledgeEscalation, acknowledgeUnreadable } = ShareRequest.properties;
const { reason: _, ticket: __, ...denial } = DenialRequest.properties;
const { reason: ___, ticket: ____, ...restriction } = RestrictionRequest.properties;
const listOf = (members: Record<string, Type.TSchema>, what: string) =>
  Type.Optional(
    Type.Array(Type.Object(members, { additionalProperties: false }), {
      maxItems: MAX_ENTRIES,
      description: `All ${what} that the secret is to have from this service, as their requests say them; without, none.`,
    }),
  );

const SecretManifest = Type.Object(
  {
    shares: listOf({ ...requestMembers('share'), acknowledgeEscalation, acknowledgeUnreadable }, 'shares'),
    denials: listOf(denial, 'denials'),
    restrictions: listOf(restriction, 'restrictions'),
  },
  {
    $id: 'SecretManifest',
    additionalProperties: false,
    description: 'The complete list of what this service says of a secret. Statements of others are not spoken of.',
  },
);

/** The form of SecretId: a name, or a full ARN. */
const Name = Type.String({ pattern: '^[A-Za-z0-9/_+=.@!:-]{1,2048}$' });

const secrets = Type.Record(Name, ref(SecretManifest), {
  additionalProperties: false,
  minProperties: 1,
  maxProperties: MAX_SECRETS,
  description: 'By the name or ARN of each secret.',
});
const example = { 'demo/database': { shares: [{ principal: 'arn:aws:iam::123456789999:user/Mary' }] } };

export const ManifestRequest = Type.Object(
  { secrets },
  {
    $id: 'ManifestRequest',
    additionalProperties: false,
    description: 'What is to be.',
    examples: [{ secrets: example }],
  },
);

export const ManifestApplication = Type.Object(
  {
    secrets,
    plan: Type.Optional(
      Type.String({
        maxLength: 100,
        description: '`plan` of POST /v1/manifests/plan: nothing is done where a policy is another by now (412).',
      }),
    ),
    reason,
    ticket,
  },
  {
    $id: 'ManifestApplication',
    additionalProperties: false,
    description: 'What is to be, and the plan that somebody has seen.',
    examples: [{ secrets: example, reason: 'As in the repository' }],
  },
);

const SecretPlan = Type.Object(
  {
    add: Type.Array(ref(Entry), { description: 'What comes.' }),
    remove: Type.Array(ref(Entry), {
      description: 'What goes. A share that is to end at another time goes and comes.',
    }),
    effect: ref(Effect),
    summary: Type.String({ description: 'The same in one sentence.' }),
    warnings: Type.Array(ref(Warning), { description: 'What to mind; often nothing.' }),
  },
  { $id: 'SecretPlan', description: 'What applying a manifest would do to one secret.' },
);

export const ManifestPlan = Type.Object(
  {
    plan: Type.String({
      description: 'For POST /v1/manifests/apply: stands for the manifest and the policies as they are now.',
    }),
    empty: Type.Boolean({ description: 'There is nothing to do.' }),
    secrets: Type.Record(Type.String(), ref(SecretPlan), { description: 'By the names of the request.' }),
  },
  { $id: 'ManifestPlan', description: 'What applying a manifest would do.' },
);

export const ExportQuery = Type.Object(
  {
    secretId: Type.Array(SecretId, {
      minItems: 1,
      maxItems: MAX_SECRETS,
      description: 'Whose entries: once for each secret.',
      examples: [['demo/database']],
    }),
  },
  { additionalProperties: false },
);

export const Manifest = Type.Object(
  { secrets: Type.Record(Type.String(), ref(SecretManifest), { description: 'By the names of the request.' }) },
  { $id: 'Manifest', description: 'What is there, as a manifest: to apply it changes nothing.' },
);

export const components = [SecretManifest, ManifestRequest, ManifestApplication, SecretPlan, ManifestPlan, Manifest];
