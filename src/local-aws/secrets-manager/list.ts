import Type, { type Static } from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { type Operation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { SecretRecord } from '../records.ts';
import { secretArn } from './secret-record.ts';

const Filter = Type.Object({
  Key: Type.Enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
  Values: Type.Array(text(0, 512), { minItems: 1, maxItems: 10 }),
});
type Filter = Static<typeof Filter>;

const SORT_KEYS: Record<string, (record: SecretRecord) => string> = {
  'created-date': ({ createdAt }) => sortableTime(createdAt),
  'last-changed-date': ({ changedAt }) => sortableTime(changedAt),
  'last-accessed-date': ({ accessedAt }) => sortableTime(accessedAt ?? 0),
  name: () => '',
};

/** Source: Secrets Manager API Reference, ListSecrets. Only ever the caller's own account, in the Region of the call. */
export const secretListOperations: Record<string, Operation<Call>> = {
  ListSecrets: operation(
    Type.Object({
      MaxResults: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: optional(text(1, 4096)),
      Filters: optional(Type.Array(Filter, { maxItems: 10 })),
      IncludePlannedDeletion: optional(Type.Boolean()),
      SortOrder: optional(Type.Enum(['asc', 'desc'])),
      SortBy: optional(Type.Enum(['created-date', 'last-accessed-date', 'last-changed-date', 'name'])),
    }),
    (call: Call, input) => {
      authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
      const descending = input.SortOrder === 'desc';
      const sortKey = (record: SecretRecord) => `${SORT_KEYS[input.SortBy ?? 'created-date']?.(record)}/${record.name}`;
      const secrets = secretsOf(call)
        .filter(
          ({ deletedAt }) =>
            deletedAt === undefined || (input.IncludePlannedDeletion === true && deletedAt > call.now.getTime()),
        )
        .filter((record) => (input.Filters ?? []).every((filter) => passes(record, filter)))
        .sort((a, b) => (sortKey(a) < sortKey(b) === descending ? 1 : -1));
      const { items, next } = pageOf(
        secrets,
        sortKey,
        input.MaxResults ?? 100,
        input.NextToken,
        'InvalidNextTokenException',
        descending,
      );
      const SecretList = items.map((record) => ({
        ARN: secretArn({ ...record, region: call.region }, `${record.name}-${record.suffix}`),
        ...secretSummary(record, call.region),
        SecretVersionsToStages: versionsToStages(record),
      }));
      return { SecretList, ...(next && { NextToken: next }) };
    },
  ),
};

function secretsOf(call: Call): SecretRecord[] {
  const prefix = `${call.caller.account}/${call.region}/`;
  const replicas = call.store.list('replica', prefix).flatMap((key) => call.store.get('secret', key) ?? []);
  return [...call.store.list('secret', prefix), ...replicas];
}

/** What DescribeSecret and ListSecrets show alike. */
export const secretSummary = (record: SecretRecord, region: string) => ({
  Name: record.name,
  ...(record.description === undefined ? {} : { Description: record.description }),
  ...keyOf(record, region),
  LastChangedDate: seconds(record.changedAt),
  ...(record.accessedAt === undefined ? {} : { LastAccessedDate: seconds(record.accessedAt) }),
  ...(record.deletedAt === undefined ? {} : { DeletedDate: seconds(record.deletedAt) }),
  Tags: record.tags,
  ...(record.owningService === undefined ? {} : { OwningService: record.owningService }),
  CreatedDate: seconds(record.createdAt),
  ...(record.replicas.length === 0 ? {} : { PrimaryRegion: record.primaryRegion }),
});

/** Absent for the AWS managed key. */
function keyOf(record: SecretRecord, region: string): { KmsKeyId?: string } {
  const replica = record.replicas.find((one) => one.region === region);
  const { kmsKeyId } = replica ?? record;
  return kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId };
}

export const versionsToStages = (record: SecretRecord): Record<string, string[]> =>
  Object.fromEntries(record.versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]));

/** Values of one filter are alternatives, except that every negated one (`!value`) must fail. */
function passes(record: SecretRecord, { Key, Values }: Filter): boolean {
  const fits = (value: string) => MATCHERS[Key]?.(record, value) === true;
  const wanted = Values.filter((value) => !value.startsWith('!'));
  const unwanted = Values.filter((value) => value.startsWith('!'));
  return (wanted.length === 0 || wanted.some(fits)) && !unwanted.some((value) => fits(value.slice(1)));
}

const MATCHERS: Record<string, (record: SecretRecord, value: string) => boolean> = {
  name: ({ name }, value) => name.startsWith(value),
  description: ({ description = '' }, value) => description.toLowerCase().startsWith(value.toLowerCase()),
  'tag-key': ({ tags }, value) => tags.some(({ Key }) => Key.startsWith(value)),
  'tag-value': ({ tags }, value) => tags.some(({ Value }) => Value.startsWith(value)),
  'primary-region': ({ replicas, primaryRegion }, value) => replicas.length > 0 && primaryRegion.startsWith(value),
  'owning-service': ({ owningService }, value) => owningService?.startsWith(value) === true,
  all: (record, value) => {
    const attributes = [
      record.name,
      record.description ?? '',
      ...record.tags.flatMap(({ Key, Value }) => [Key, Value]),
    ];
    const words = value
      .toLowerCase()
      .split(/[ /_+=.@!-]+/)
      .filter(Boolean);
    return words.every((word) => attributes.some((attribute) => attribute.toLowerCase().includes(word)));
  },
};

const sortableTime = (milliseconds: number): string => String(milliseconds).padStart(15, '0');
