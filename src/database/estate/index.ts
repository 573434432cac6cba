import { type Kysely, sql } from 'kysely';
import type { Secret } from '../../access/secret.ts';
import type { Clock } from '../../clock.ts';
import type { EstateGaps, EstateIndex, SeenSecrets } from '../../estate/estate-index.ts';
import { namesOf } from '../../estate/survey/seen-keys.ts';
import { secretsIn } from '../../policy/arn.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import { prepared } from '../prepared.ts';
import type { EstateSecretRow, Schema } from '../schema.ts';
import { forgetSecrets } from './forget.ts';
import { endAcknowledgements, putFinding, putFindings } from './kept-findings.ts';
import { idOf } from './keys.ts';
import { kindsIn, toIndexed, toRow } from './rows.ts';

/** Edges of one insert: databases bound the parameters of a statement. */
const BATCH = 200;
/** Milliseconds by which the clocks of replicas may differ. */
const SKEW_MS = 60_000;

/** Secrets, and the edges by which they are found from their readers' side. */
export const createEstateIndex = ({ kysely }: Database, clock: Clock): EstateIndex & SeenSecrets & EstateGaps => {
  return {
    put: (seen, edges, findings) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          const row = toRow(seen);
          const { arn } = row;
          const [known] = await selectSecret(trx, { arn });
          const latest = clock().getTime() + SKEW_MS;
          if (known !== undefined && isLater(Number(known.looked_at), row.looked_at, latest)) return;
          // Another replica saw it later.
          if ((await putSecret(trx, { ...row, latest })).length === 0) return;
          const had = known?.findings ?? null;
          if (findings.length > 0 || had !== null) await putFindings(trx, arn, findings, row.looked_at);
          if (known === undefined || known.problem !== null || had !== null)
            await endAcknowledgements(trx, arn, findings);
          await putKeys(trx, seen.secret);
          // Most policies are as they were: their edges stay.
          if (known !== undefined && known.policy === row.policy) return;
          if (known !== undefined) await trx.deleteFrom('estate_edges').where('arn', '=', arn).execute();
          for (let start = 0; start < edges.length; start += BATCH) {
            const some = edges.slice(start, start + BATCH).map((edge) => ({ arn, ...edge }));
            await trx.insertInto('estate_edges').values(some).execute();
          }
        }),
      ),

    fail: (secret, problem, at, found) =>
      atTheEdge(() =>
        kysely.transaction().execute(async (trx) => {
          const { arn } = secret;
          const unseen = { policy: null, versions: null, exposure: null, readers: 0, denials: 0, findings: [] };
          const known = await trx
            .selectFrom('estate_secrets')
            .select('findings')
            .where('arn', '=', arn)
            .executeTakeFirst();
          const kinds = new Set([...kindsIn(known?.findings ?? null), ...(found === undefined ? [] : [found.kind])]);
          const row = toRow({ ...unseen, secret, problem, asOf: at, findings: [...kinds] });
          const { problem: why, seen_at, findings } = row;
          const insert = trx.insertInto('estate_secrets').values(row);
          await insert
            .onConflict((conflict) => conflict.column('arn').doUpdateSet({ problem: why, seen_at, findings }))
            .execute();
          if (found !== undefined) await putFinding(trx, arn, found, at.getTime());
        }),
      ),

    find: (arn) =>
      atTheEdge(async () => {
        const [row] = await selectSecret(kysely, { arn });
        return row === undefined ? null : toIndexed(row);
      }),

    named: ({ account, region }, name) =>
      atTheEdge(async () => {
        const start = secretsIn({ account, region }).replace('*', () => name);
        // To the letter as in estate_secrets_named. After its name an ARN has a hyphen and six characters.
        const isNamed = sql<boolean>`substr(arn, 1, length(arn) - 7) = ${start}`;
        const rows = await kysely.selectFrom('estate_secrets').selectAll().where(isNamed).execute();
        return rows.map(toIndexed);
      }),

    forget: (arn) => atTheEdge(() => forgetSecrets(kysely, [arn])),

    forgetUnseen: ({ account, region }, since, leaving) =>
      atTheEdge(async () => {
        const ofPlace = kysely.selectFrom('estate_secrets').where('account', '=', account).where('region', '=', region);
        for (;;) {
          const unseen = ofPlace.selectAll().where('seen_at', '<', since.getTime());
          const gone = await unseen.limit(BATCH).execute();
          if (gone.length > 0) {
            await leaving(gone.map(toIndexed));
            const arns = gone.map(({ arn }) => arn);
            await forgetSecrets(kysely, arns);
          }
          if (gone.length < BATCH) break;
        }
        const { count } = await ofPlace.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
        return Number(count);
      }),

    gaps: (limit) =>
      atTheEdge(async () => {
        const failed = await kysely
          .selectFrom('estate_secrets')
          .selectAll()
          .where('problem', 'is not', null)
          .orderBy('arn')
          .limit(limit)
          .execute();
        const { oldest } = await kysely
          .selectFrom('estate_secrets')
          .select(({ fn }) => fn.min('looked_at').as('oldest'))
          .executeTakeFirstOrThrow();
        return {
          failed: failed.map(toIndexed),
          oldestLookAt: oldest === null ? null : new Date(Number(oldest)),
        };
      }),
  };
};

// Every secret of a survey asks for these.

const selectSecret = prepared<{ arn: string }>()((kysely, value) =>
  kysely.selectFrom('estate_secrets').selectAll().where('arn', '=', value('arn')),
);

const selectKeys = prepared<{ arn: string }>()((kysely, value) =>
  kysely.selectFrom('estate_secret_keys').select('key').where('arn', '=', value('arn')),
);

/** To the letter as in `putSecret`. */
const isLater = (known: number, seen: number, latest: number) => known > seen && known <= latest;

/** Nothing where what is there was seen later. @param latest of what comes after it the time is none: a clock was put back since */
const putSecret = prepared<EstateSecretRow & { latest: number }>()((kysely, value) => {
  const row = {
    ...{ account: value('account'), region: value('region'), secret: value('secret'), policy: value('policy') },
    ...{ versions: value('versions'), exposure: value('exposure'), readers: value('readers') },
    ...{ denials: value('denials'), findings: value('findings'), problem: value('problem') },
    ...{ seen_at: value('seen_at'), looked_at: value('looked_at') },
  } satisfies EveryColumn;
  return kysely
    .insertInto('estate_secrets')
    .values({ arn: value('arn'), ...row })
    .onConflict((conflict) =>
      conflict
        .column('arn')
        .doUpdateSet(row)
        .where((is) =>
          is.or([
            is('estate_secrets.looked_at', '<=', value('looked_at')),
            is('estate_secrets.looked_at', '>', value('latest')),
          ]),
        ),
    )
    .returning('arn');
});

/** One that is forgotten would be null without a word. */
type EveryColumn = { [name in keyof Omit<EstateSecretRow, 'arn'>]: unknown };

/** Few secrets change their keys: mostly nothing is written. */
async function putKeys(trx: Kysely<Schema>, secret: Secret): Promise<void> {
  const { arn } = secret;
  const keys = new Set(namesOf(secret).map(idOf));
  const rows = await selectKeys(trx, { arn });
  const known = new Set(rows.map(({ key }) => key));
  if (known.symmetricDifference(keys).size === 0) return;
  await trx.deleteFrom('estate_secret_keys').where('arn', '=', arn).execute();
  if (keys.size === 0) return;
  const all = [...keys].map((key) => ({ key, arn }));
  await trx.insertInto('estate_secret_keys').values(all).execute();
}
