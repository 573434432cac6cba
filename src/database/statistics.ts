import { bulkActions } from '../access/bulk/operation.ts';
import type { Clock } from '../clock.ts';
import { findingKinds, severityOf } from '../estate/findings/finding.ts';
import type { Database } from './database.ts';
import { atTheEdge } from './errors.ts';

const DAY_MS = 86_400_000;

/** Figures over all replicas, each from an index or a small table. @throws DomainError audit-unavailable */
export const createStatistics = ({ kysely }: Database, clock: Clock) => {
  const expiring = async (now: number, withinMs: number): Promise<number> => {
    const { count } = await kysely
      .selectFrom('expiries')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('expires_at', '>', now)
      .where('expires_at', '<=', now + withinMs)
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  return () =>
    atTheEdge(async () => {
      const now = clock().getTime();
      const chain = await kysely.selectFrom('audit_chain').select('sequence').executeTakeFirstOrThrow();
      const intents = await kysely
        .selectFrom('open_intents')
        .select(({ fn }) => [fn.countAll().as('count'), fn.min('time_ms').as('oldest')])
        .executeTakeFirstOrThrow();
      const items = await kysely
        .selectFrom('operation_items')
        .innerJoin('operations', 'operations.id', 'operation_items.operation_id')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('operations.status', 'in', ['running', 'cancelling'])
        .where('operation_items.status', 'in', ['running', 'pending'])
        .executeTakeFirstOrThrow();
      const { begun } = await kysely
        .selectFrom('operations')
        .select(({ fn }) => fn.min('created_at').as('begun'))
        .where('status', 'in', ['running', 'cancelling'])
        .where('action', 'in', bulkActions)
        // A survey of many accounts takes hours.
        .where('action', '!=', 'survey')
        .executeTakeFirstOrThrow();
      const findings = await kysely
        .selectFrom('estate_findings')
        .leftJoin('acknowledgements', (join) =>
          join
            .onRef('acknowledgements.arn', '=', 'estate_findings.arn')
            .onRef('acknowledgements.kind', '=', 'estate_findings.kind')
            .onRef('acknowledgements.about', '=', 'estate_findings.about')
            .on('acknowledgements.until', '>', now),
        )
        .select(({ fn }) => [
          'estate_findings.kind',
          fn.countAll().as('count'),
          fn.count('acknowledgements.arn').as('acknowledged'),
        ])
        .groupBy('estate_findings.kind')
        .execute();
      return {
        findings: findingKinds.map((kind) => {
          const { count, acknowledged } = findings.find((row) => row.kind === kind) ?? { count: 0, acknowledged: 0 };
          const known = Number(acknowledged);
          return { kind, severity: severityOf[kind], open: Number(count) - known, acknowledged: known };
        }),
        lastSequence: Number(chain.sequence),
        openIntents: Number(intents.count),
        oldestOpenIntentMs: ageAt(now, intents.oldest),
        expiringWithinDay: await expiring(now, DAY_MS),
        expiringWithinWeek: await expiring(now, 7 * DAY_MS),
        bulkItemsPending: Number(items.count),
        oldestOperationMs: ageAt(now, begun),
      };
    });
};

const ageAt = (now: number, time: number | string | bigint | null): number =>
  time === null ? 0 : Math.max(0, now - Number(time));
