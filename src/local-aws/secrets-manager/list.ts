import Type from 'typebox';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import type { SecretRecord } from '../records.ts';
import { Filters, filteredSecrets } from './filters.ts';
import { shownRotation } from './rotation/record.ts';
import { secretArn } from './secret-record.ts';

const SORT_KEYS: Record<string, (record: SecretRecord) => string> = {
  'created-date': ({ createdAt }) => sortableTime(createdAt),
  'last-changed-date': ({ changedAt }) => sortableTime(changedAt),
  'last-accessed-date': ({ accessedAt }) => sortableTime(accessedAt ?? 0),
  name: () => '',
};

/** Source: Secrets Manager API Reference, ListSecrets. Only ever the caller's own account, in the Region of the call. */
export const secretListOperations: Record<string, AwsOperation<Call>> = {
  ListSecrets: operation(
    Type.Object({
      MaxResults: optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: optional(text(1, 4096)),
      Filters: optional(Filters),
      IncludePlannedDeletion: optional(Type.Boolean()),
      SortOrder: optional(Type.Enum(['asc', 'desc'])),
      SortBy: optional(Type.Enum(['created-date', 'last-accessed-date', 'last-changed-date', 'name'])),
    }),
    (call: Call, input) => {
      authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
      const descending = input.SortOrder === 'desc';
      const sortKey = (record: SecretRecord) => `${SORT_KEYS[input.SortBy ?? 'created-date']?.(record)}/${record.name}`;
      const secrets = filteredSecrets(call, input.Filters ?? [], input.IncludePlannedDeletion).sort((a, b) =>
        sortKey(a) < sortKey(b) === descending ? 1 : -1,
      );
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
        ...versionsToStages(record, 'SecretVersionsToStages'),
      }));
      return { SecretList, ...(next && { NextToken: next }) };
    },
  ),
};

/** What DescribeSecret and ListSecrets show alike. */
export const secretSummary = (record: SecretRecord, region: string) => ({
  Name: record.name,
  ...(record.description === undefined ? {} : { Description: record.description }),
  ...keyOf(record, region),
  ...shownRotation(record),
  LastChangedDate: seconds(record.changedAt),
  ...(record.accessedAt === undefined ? {} : { LastAccessedDate: seconds(record.accessedAt) }),
  ...(record.deletedAt === undefined ? {} : { DeletedDate: seconds(record.deletedAt) }),
  ...(record.tags === undefined ? {} : { Tags: record.tags }),
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

/** Under the name that the operation gives it; left out of a secret without a value, which has no versions. */
export function versionsToStages(record: SecretRecord, member: string): Record<string, Record<string, string[]>> {
  const versions = record.versions.filter(({ stages }) => stages.length > 0);
  return versions.length === 0 ? {} : { [member]: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])) };
}

const sortableTime = (milliseconds: number): string => String(milliseconds).padStart(15, '0');
