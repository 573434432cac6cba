import Type, { type Static } from 'typebox';
import type { Call } from '../call.ts';
import { text } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';

const Filter = Type.Object({
  Key: Type.Enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
  Values: Type.Array(text(0, 512, '^!?[a-zA-Z0-9 :_@/+=.!-]*$'), { minItems: 1, maxItems: 10 }),
});
type Filter = Static<typeof Filter>;

export const Filters = Type.Array(Filter, { maxItems: 10 });

/**
 * The secrets of the caller's account in the Region of the call that pass every filter, in the order of their names.
 * Source: Secrets Manager API Reference, Filter; User Guide, "Find secrets in AWS Secrets Manager".
 */
export function filteredSecrets(call: Call, filters: readonly Filter[], plannedDeletion = false): SecretRecord[] {
  const prefix = `${call.caller.account}/${call.region}/`;
  const replicas = call.store.list('replica', prefix).flatMap((key) => call.store.get('secret', key) ?? []);
  return [...call.store.list('secret', prefix), ...replicas]
    .filter(({ deletedAt }) => deletedAt === undefined || (plannedDeletion && deletedAt > call.now.getTime()))
    .filter((record) => filters.every((filter) => passes(record, filter)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
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
  'tag-key': ({ tags }, value) => tags.some(({ Key }) => Key.startsWith(value)),
  'tag-value': ({ tags }, value) => tags.some(({ Value }) => Value.startsWith(value)),
  'primary-region': ({ replicas, primaryRegion }, value) => replicas.length > 0 && primaryRegion.startsWith(value),
  'owning-service': ({ owningService }, value) => owningService?.startsWith(value) === true,
  all: ({ name, description = '', tags }, value) => {
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
