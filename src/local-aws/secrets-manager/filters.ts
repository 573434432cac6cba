import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { invalidParameter } from '../protocol/errors.ts';
import { optional, text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';

const GivenFilter = Type.Object({
  Key: optional(Type.Enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'])),
  Values: optional(Type.Array(text(0, 512, '^!?[a-zA-Z0-9 :_@/+=.!-]*$'), { minItems: 1, maxItems: 10 })),
});
type GivenFilter = Static<typeof GivenFilter>;
type Filter = Required<GivenFilter>;

export const Filters = Type.Array(GivenFilter, { maxItems: 10 });

/**
 * The secrets of the caller's account in the Region of the call that pass every filter, in the order of their names.
 * Source: Secrets Manager API Reference, Filter; User Guide, "Find secrets in AWS Secrets Manager".
 * @throws AwsError InvalidParameterException for a filter without a key or without values: the model requires neither
 */
export function filteredSecrets(call: Call, given: readonly GivenFilter[], plannedDeletion = false): SecretRecord[] {
  const filters = given.map(completeFilter);
  const prefix = `${call.caller.account}/${call.region}/`;
  const replicas = call.store.list('replica', prefix).flatMap((key) => call.store.get('secret', key) ?? []);
  return [...call.store.list('secret', prefix), ...replicas]
    .filter(({ deletedAt }) => deletedAt === undefined || (plannedDeletion && deletedAt > call.now.getTime()))
    .filter((record) => filters.every((filter) => passes(record, filter)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function completeFilter({ Key, Values }: GivenFilter): Filter {
  if (Key === undefined) throw invalidParameter('Invalid filter key');
  if (Values === undefined) throw invalidParameter(`Invalid filter values for key: ${Key}`);
  return { Key, Values };
}

/** Values of one filter are alternatives, except that every negated one (`!value`) must fail. */
function passes(record: SecretRecord, { Key, Values }: Filter): boolean {
  const fits = (value: string) => MATCHERS[Key](record, value);
  const wanted = Values.filter((value) => !value.startsWith('!'));
  const unwanted = Values.filter((value) => value.startsWith('!'));
  return (wanted.length === 0 || wanted.some(fits)) && !unwanted.some((value) => fits(value.slice(1)));
}

const MATCHERS: Record<Filter['Key'], (record: SecretRecord, value: string) => boolean> = {
  name: ({ name }, value) => name.startsWith(value),
  description: ({ description = '' }, value) => description.toLowerCase().startsWith(value.toLowerCase()),
  'tag-key': ({ tags = [] }, value) => tags.some(({ Key }) => Key.startsWith(value)),
  'tag-value': ({ tags = [] }, value) => tags.some(({ Value }) => Value.startsWith(value)),
  'primary-region': ({ replicas, primaryRegion }, value) => replicas.length > 0 && primaryRegion.startsWith(value),
  'owning-service': ({ owningService }, value) => owningService?.startsWith(value) === true,
  all: ({ name, description = '', tags = [] }, value) => {
    const attributes = [name, description, ...tags.flatMap(({ Key, Value }) => [Key, Value])];
    const known = new Set(attributes.flatMap(wordsOf));
    return wordsOf(value).some((word) => known.has(word));
  },
};

/**
 * "Separated by any change from uppercase to lowercase, from letter to number, or from number/letter to punctuation";
 * searching for any of the words finds the secret (User Guide, as above).
 */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/[A-Z]*[a-z]+|[A-Z]+|\d+/g)].map(([word]) => word.toLowerCase());
