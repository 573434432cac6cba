import Type from 'typebox';
import { momentOrNull, nullable, textOrNull } from '../fields.ts';
import { Paging } from '../parameters.ts';
import { page, ref } from '../schemas.ts';

const summary = {
  arn: Type.String({ description: 'Its full ARN.' }),
  name: Type.String({ description: 'Its name.' }),
  description: textOrNull('As its owner wrote it.'),
  kmsKeyId: textOrNull('The customer managed key; null for the AWS managed key, which never works across accounts.'),
  owningService: textOrNull('The AWS service that manages it, `rds` for example; null for a customer’s own.'),
  deletedAt: momentOrNull('As AWS dates a deletion that is scheduled; null where none is.'),
  primaryRegion: textOrNull('Of replicas, and of primaries that have some; else null.'),
  tags: Type.Record(Type.String(), Type.String(), { description: 'Its tags, by key.' }),
};

export const Secret = Type.Object(
  {
    ...summary,
    partition: Type.String({ description: '`aws`, `aws-cn`, `aws-us-gov`, …' }),
    region: Type.String({ description: 'The Region that it is in.' }),
    account: Type.String({ description: 'The account that it is in.' }),
    replicaRegions: Type.Array(Type.String(), { description: 'Where it is replicated to.' }),
    replicas: Type.Array(
      Type.Object({
        region: Type.String({ description: 'Where it is.' }),
        kmsKeyId: textOrNull('Of its Region; null for the AWS managed key there.'),
        status: Type.String({ description: '`InSync`, `InProgress` or `Failed`.' }),
        statusMessage: textOrNull('Why replication failed; null where AWS says nothing.'),
      }),
      { description: 'Copies in other Regions: they have the policy of the secret, and keys of their own.' },
    ),
    rotation: nullable(
      Type.Object({ functionArn: textOrNull('The function that rotates it; null where AWS itself does.') }),
      'How it rotates; null where it does not.',
    ),
  },
  { $id: 'Secret', description: 'A secret as AWS describes it. Its value is never read.' },
);

export const InspectedSecret = Type.Object(
  {
    ...Secret.properties,
    shareableAcrossAccounts: Type.Boolean({ description: 'Whether principals of other accounts can be let in.' }),
    whyNot: textOrNull('Why it can’t be shared across accounts, and what to do; null where it can.'),
  },
  { $id: 'InspectedSecret', description: 'A secret, and whether it can be shared across accounts.' },
);

export const SecretSummary = Type.Object(summary, {
  $id: 'SecretSummary',
  description: 'A secret as AWS lists it.',
});
export const SecretPage = page(ref(SecretSummary), 'SecretPage');

export const SecretsQuery = Type.Object(
  {
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 512, description: 'The name starts with this.', examples: ['demo/'] }),
    ),
    ...Paging,
  },
  { additionalProperties: false },
);
