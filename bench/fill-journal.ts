import { sql } from 'kysely';
import { connect } from '../src/database/connect.ts';
import { draft, secretNamed } from '../test/audit/draft.ts';

const PER_STATEMENT = 20_000;
/** Milliseconds: a second an event, from here. */
export const BEGUN = Date.UTC(2026, 0, 1);

/** Events that no chain holds: of 37 actors, 1,000 secrets, 8 of 10 applied; one in 100,000 is a `prune`. */
export async function fill(url: string, events: number): Promise<void> {
  const { kysely, close } = await connect(url, { timeoutMs: 600_000 });
  const { secret, ...document } = draft({ reason: 'bench '.repeat(150) });
  const text = JSON.stringify({ ...document, secret: secretNamed('prod/db') });
  for (let from = 1; from <= events; from += PER_STATEMENT) {
    const to = Math.min(events, from + PER_STATEMENT - 1);
    await sql`with recursive numbers(n) as (select ${sql.lit(from)} union all select n + 1 from numbers where n < ${sql.lit(to)})
      insert into audit_events (sequence, id, time_ms, change_id, actor, action, outcome, secret_arn, secret_name, hash, document)
      select n, 'id-' || n, ${sql.lit(BEGUN)} + n * 1000, 'change-' || (n / 2), 'user-' || (n % 37),
        case when n % 100000 = 7 then 'prune' when n % 3 = 0 then 'deny' else 'share' end,
        case when n % 2 = 0 then null when n % 10 = 1 then 'failed' else 'applied' end,
        'arn:secret-' || (n % 1000 * 7919 % 1000), 'secret-' || (n % 1000 * 7919 % 1000), 'h', ${text} from numbers`.execute(
      kysely,
    );
  }
  await sql`update audit_chain set sequence = ${sql.lit(events)}, hash = 'h'`.execute(kysely);
  await (url.startsWith('sqlite') ? sql`analyze` : sql`vacuum analyze audit_events`).execute(kysely);
  await close();
}
