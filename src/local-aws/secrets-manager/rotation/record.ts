import type { Call } from '../../call.ts';
import { seconds } from '../../call.ts';
import type { SecretRecord } from '../../records.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Members of DescribeSecret and ListSecrets for a secret that rotates or did; none for others. */
export function shownRotation({ rotation }: SecretRecord) {
  if (rotation === undefined) return {};
  const { enabled, lambdaArn, rules, lastRotatedAt } = rotation;
  const next = nextRotation(rotation);
  return {
    RotationEnabled: enabled,
    ...(lambdaArn === undefined ? {} : { RotationLambdaARN: lambdaArn }),
    ...(rules === undefined ? {} : { RotationRules: rules }),
    ...(lastRotatedAt === undefined ? {} : { LastRotatedDate: seconds(lastRotatedAt) }),
    ...(next === undefined ? {} : { NextRotationDate: seconds(next) }),
  };
}

/** Of a schedule in days or hours; when a cron expression is next due is not computed. */
function nextRotation({ enabled, rules, startedAt }: NonNullable<SecretRecord['rotation']>): number | undefined {
  if (!enabled || rules === undefined) return undefined;
  if (rules.AutomaticallyAfterDays !== undefined) return startedAt + rules.AutomaticallyAfterDays * DAY;
  const [, count, unit] = /^rate\((\d+) (day|hour)s?\)$/.exec(rules.ScheduleExpression ?? '') ?? [];
  return count === undefined ? undefined : startedAt + Number(count) * (unit === 'day' ? DAY : HOUR);
}

export const rotatedAt = (call: Call, record: SecretRecord): SecretRecord =>
  record.rotation === undefined
    ? record
    : { ...record, rotation: { ...record.rotation, lastRotatedAt: call.now.getTime() } };
