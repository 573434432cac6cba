import { sql } from 'kysely';
import type { EstateSearch, SeenFinding } from '../../estate/estate-index.ts';
import type { Acknowledgement } from '../../estate/findings/finding.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';
import type { EstateFindingRow, EstateSecretRow } from '../schema.ts';
import { idOf } from './keys.ts';
import { toIndexed } from './rows.ts';

/** Secrets by ARN, from an index each: what else is asked for is for the reader to leave out. */
export const createEstateSearch = ({ kysely }: Database): EstateSearch => {
  const edges = (after: string, limit: number) =>
    kysely.selectFrom('estate_edges').select('arn').distinct().where('arn', '>', after).orderBy('arn').limit(limit);
  const secrets = (after: string, limit: number) =>
    kysely.selectFrom('estate_secrets').where('arn', '>', after).orderBy('arn').limit(limit);

  const found = () =>
    kysely
      .selectFrom('estate_findings')
      .innerJoin('estate_secrets', 'estate_secrets.arn', 'estate_findings.arn')
      .leftJoin('acknowledgements', (join) =>
        join
          .onRef('acknowledgements.arn', '=', 'estate_findings.arn')
          .onRef('acknowledgements.kind', '=', 'estate_findings.kind')
          .onRef('acknowledgements.about', '=', 'estate_findings.about'),
      )
      .selectAll('estate_secrets')
      .select(['estate_findings.kind', 'estate_findings.severity', 'estate_findings.since'])
      .select(['estate_findings.detail', 'estate_findings.about', 'estate_findings.mend'])
      .select(['acknowledgements.said', 'acknowledgements.until']);

  return {
    list: ({ arn, account, exposure, after, limit }) =>
      atTheEdge(async () => {
        let query = secrets(after, limit).selectAll();
        if (arn !== undefined) query = query.where('arn', '=', arn);
        else if (account !== undefined) query = query.where('account', '=', account);
        else if (exposure !== undefined) query = query.where('exposure', '=', exposure);
        return (await query.execute()).map(toIndexed);
      }),

    underKey: ({ name, after, limit }) =>
      atTheEdge(async () => {
        const rows = await kysely
          .selectFrom('estate_secret_keys')
          .innerJoin('estate_secrets', 'estate_secrets.arn', 'estate_secret_keys.arn')
          .selectAll('estate_secrets')
          .where('estate_secret_keys.key', '=', idOf(name))
          .where('estate_secret_keys.arn', '>', after)
          .orderBy('estate_secret_keys.arn')
          .limit(limit)
          .execute();
        return rows.map(toIndexed);
      }),

    findings: ({ after, limit, arn, kind }) =>
      atTheEdge(async () => {
        let query = found().where(({ eb, or, and }) =>
          or([
            eb('estate_findings.arn', '>', after.arn),
            and([eb('estate_findings.arn', '=', after.arn), sql<boolean>`estate_findings.kind > ${after.kind}`]),
          ]),
        );
        if (arn !== undefined) query = query.where('estate_findings.arn', '=', arn);
        if (kind !== undefined) query = query.where('estate_findings.kind', '=', kind);
        const ordered = query.orderBy('estate_findings.arn').orderBy('estate_findings.kind').limit(limit);
        return (await ordered.execute()).map(toFinding);
      }),

    findingOf: (id) =>
      atTheEdge(async () => {
        const row = await found().where('estate_findings.id', '=', id).executeTakeFirst();
        return row === undefined ? null : toFinding(row);
      }),

    speaking: ({ principals, accounts, owner, after, limit }) =>
      atTheEdge(async () => {
        const found = await Promise.all([
          ...principals.map((principal) => edges(after, limit).where('principal', '=', principal).execute()),
          ...accounts.map((account) => edges(after, limit).where('account', '=', account).execute()),
          ...(owner === undefined ? [] : [secrets(after, limit).select('arn').where('account', '=', owner).execute()]),
        ]);
        const arns = [...new Set(found.flat().map(({ arn }) => arn))];
        if (arns.length === 0) return [];
        // Each has its first, so the first of all are among them; in the order of the database, which may not be ours.
        const rows = await secrets(after, limit).selectAll().where('arn', 'in', arns).execute();
        return rows.map(toIndexed);
      }),
  };
};

type FoundRow = EstateSecretRow & Omit<EstateFindingRow, 'id'> & { said: string | null; until: number | null };

const toFinding = (row: FoundRow): SeenFinding => ({
  ...{ arn: row.arn, kind: row.kind, severity: row.severity, detail: row.detail, about: row.about },
  mend: JSON.parse(row.mend),
  since: new Date(Number(row.since)),
  acknowledgement: row.said === null || row.until === null ? null : saidIn(row.said, row.until),
  seen: toIndexed(row),
});

function saidIn(text: string, until: number): Acknowledgement {
  const { by, reason, at }: { by: string; reason: string; at: string } = JSON.parse(text);
  return { by, reason, at: new Date(at), until: new Date(Number(until)) };
}
