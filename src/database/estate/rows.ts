import type { IndexedSecret } from '../../estate/estate-index.ts';
import type { FindingKind } from '../../estate/findings/finding.ts';
import type { EstateSecretRow } from '../schema.ts';

/** A secret of the estate as the table keeps it, and back. */

export function toRow({
  secret,
  policy,
  versions,
  problem,
  asOf,
  exposure,
  readers,
  denials,
  findings,
}: IndexedSecret): EstateSecretRow {
  const { arn, account, region } = secret;
  const at = asOf.getTime();
  return {
    ...{ arn, account, region, exposure, readers, denials, seen_at: at, looked_at: at },
    secret: JSON.stringify(secret),
    policy: policy && JSON.stringify(policy),
    versions: versions && JSON.stringify(versions),
    problem: problem && JSON.stringify(problem),
    findings: findings.length === 0 ? null : JSON.stringify(findings),
  };
}

export const kindsIn = (findings: string | null): FindingKind[] => (findings === null ? [] : JSON.parse(findings));

export const toIndexed = (row: EstateSecretRow): IndexedSecret => ({
  ...{ exposure: row.exposure, readers: row.readers, denials: row.denials },
  secret: JSON.parse(row.secret),
  policy: row.policy === null ? null : JSON.parse(row.policy),
  versions: row.versions === null ? null : JSON.parse(row.versions),
  problem: row.problem === null ? null : JSON.parse(row.problem),
  findings: kindsIn(row.findings),
  asOf: new Date(Number(row.looked_at)),
});
