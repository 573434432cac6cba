import type { Kysely } from 'kysely';
import { type Finding, findingId, severityOf } from '../../estate/findings/finding.ts';
import { prepared } from '../prepared.ts';
import type { Schema } from '../schema.ts';

/** What was found at a secret, since when, and what people said of it: written with the secret itself. */

/** What is found again keeps its time; what is no longer found is over. */
export async function putFindings(trx: Kysely<Schema>, arn: string, findings: readonly Finding[], since: number) {
  const kinds = findings.map(({ kind }) => kind);
  const over = trx.deleteFrom('estate_findings').where('arn', '=', arn);
  await (kinds.length === 0 ? over : over.where('kind', 'not in', kinds)).execute();
  for (const finding of findings) await putFinding(trx, arn, finding, since);
}

/** What was said of what is over is, too. Mostly nothing was said: then nothing is written, which would have to be on disk. */
export async function endAcknowledgements(
  trx: Kysely<Schema>,
  arn: string,
  findings: readonly Finding[],
): Promise<void> {
  const said = await selectAcknowledged(trx, { arn });
  const over = said.flatMap(({ kind }) => (findings.some((finding) => finding.kind === kind) ? [] : [kind]));
  if (over.length === 0) return;
  await trx.deleteFrom('acknowledgements').where('arn', '=', arn).where('kind', 'in', over).execute();
}

export async function putFinding(
  trx: Kysely<Schema>,
  arn: string,
  { kind, detail, about, mend }: Finding,
  since: number,
) {
  const found = { severity: severityOf[kind], detail, about, mend: JSON.stringify(mend) };
  const insert = trx.insertInto('estate_findings').values({ arn, kind, id: findingId(arn, kind), since, ...found });
  await insert.onConflict((conflict) => conflict.columns(['arn', 'kind']).doUpdateSet(found)).execute();
}

// Every secret of a survey asks for it.
const selectAcknowledged = prepared<{ arn: string }>()((kysely, value) =>
  kysely.selectFrom('acknowledgements').select('kind').where('arn', '=', value('arn')),
);
