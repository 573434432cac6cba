import Type from 'typebox';
import { Paging, page, ref } from '../schemas.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const summary = {
  arn: Type.String(),
  name: Type.String(),
  description: nullable(Type.String()),
  kmsKeyId: nullable(
    Type.String({
      description: 'The customer managed key; null for the AWS managed key, which never works across accounts.',
    }),
  ),
  owningService: nullable(Type.String()),
  deletedAt: nullable(Type.String()),
  primaryRegion: nullable(Type.String()),
  tags: Type.Record(Type.String(), Type.String()),
};

export const Secret = Type.Object(
  {
    ...summary,
    partition: Type.String(),
    region: Type.String(),
    account: Type.String(),
    replicaRegions: Type.Array(Type.String()),
  },
  { $id: 'Secret', description: 'A secret as AWS describes it. Its value is never read.' },
);

export const InspectedSecret = Type.Object(
  {
    ...Secret.properties,
    shareableAcrossAccounts: Type.Boolean(),
    whyNot: nullable(Type.String({ description: 'Why it can’t be shared across accounts, and what to do.' })),
  },
  { $id: 'InspectedSecret' },
);

export const SecretSummary = Type.Object(summary, { $id: 'SecretSummary' });
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
