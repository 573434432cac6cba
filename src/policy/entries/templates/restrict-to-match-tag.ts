import { TagKey } from './kinds/parameters.ts';
import { restrictionTemplate } from './kinds/restriction.ts';
import { ownTag, PRINCIPAL_TAG } from './kinds/share-conditions.ts';

/**
 * Of a secret without the tag, AWS may take a comparison with it for true or for no match: the second statement makes both the same.
 */
export const restrictToMatchTag = restrictionTemplate({
  parameter: 'matchTag',
  schema: TagKey,
  title: 'Restrict to a matching tag',
  description:
    'Denies everyone who has not the secret’s own value of a tag, as it is at the time of the call; everyone, while the secret has ' +
    'no such tag. It allows nobody: each still needs a share or an identity policy.',
  inside: 'the secret’s own value of the tag',
  example: 'team',
  outside: {
    find: ([key = '']) => [
      { operator: 'StringNotEquals', key: PRINCIPAL_TAG + key, values: [ownTag(key)] },
      { operator: 'Null', key: `aws:ResourceTag/${key}`, values: ['true'] },
    ],
    read: ({ StringNotEquals = {} }) =>
      Object.keys(StringNotEquals)
        .filter((key) => key.startsWith(PRINCIPAL_TAG))
        .map((key) => key.slice(PRINCIPAL_TAG.length)),
  },
  network: false,
});
