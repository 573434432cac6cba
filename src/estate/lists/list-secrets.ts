import type { Authorizer } from '../../access/guard/authorizer.ts';
import type { Identity } from '../../access/identity.ts';
import { judgeAccess } from '../../access/judge/judge-access.ts';
import { type Reader, readerOf } from '../../access/judge/reader.ts';
import { judgeInTurns } from '../../access/judge/turns.ts';
import type { Clock } from '../../clock.ts';
import { durationMs } from '../../duration.ts';
import type { Page, PageRequest } from '../../page.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { principalArn } from '../../policy/entries/normalise.ts';
import { parse } from '../../policy/entries/parse.ts';
import { edgesTo } from '../edges.ts';
import type { EstateSearch, IndexedSecret } from '../estate-index.ts';
import type { Exposure } from '../exposure.ts';
import type { FindingKind } from '../findings/finding.ts';
import type { OwnChanges } from '../own-changes.ts';
import type { LookProblem } from '../place.ts';
import type { FreshLook, OneSecret } from '../survey/fresh-look.ts';
import { eyesOf } from './eyes.ts';
import { arnIn, arnOf, isOne, scanPage } from './scan.ts';

/** A secret of the estate as it was last seen. */
type EstateSecret = {
  arn: string;
  name: string;
  description: string | null;
  account: string;
  region: string;
  tags: Record<string, string>;
  /** RFC 3339 */
  deletedAt: string | null;
  /** Null where its policy was never seen. */
  exposure: Exposure | null;
  readers: number;
  denials: number;
  findings: FindingKind[];
  /** When the next share of this service ends; null where none will. RFC 3339 */
  nextEnd: string | null;
  problem: LookProblem | null;
  asOf: string;
};

type EstateFilter = {
  text?: string;
  account?: string;
  region?: string;
  tagKey?: string;
  tagValue?: string;
  exposure?: Exposure;
  finding?: FindingKind;
  /** A share of this service ends within this time from now: `14d`. */
  endsWithin?: string;
  /** Whom the policy lets read, or may let. */
  principal?: string;
} & OneSecret;

/** @throws DomainError forbidden, validation-failed, principal-not-nameable, partition-mismatch, audit-unavailable */
export type EstateLister = (identity: Identity, asked: EstateFilter & PageRequest) => Promise<Page<EstateSecret>>;

export function createEstateLister(deps: {
  search: EstateSearch;
  ownChanges: Pick<OwnChanges, 'settle'>;
  freshLook: FreshLook;
  authorizer: Authorizer;
  partition: string;
  clock: Clock;
}): EstateLister {
  const readerNamed = (principal: string | undefined): Reader | undefined =>
    principal === undefined
      ? undefined
      : readerOf(principalArn(principal, 'principal', deps.partition), deps.partition);

  const lets = async ({ secret, policy }: IndexedSecret, named: Reader, identity: Identity): Promise<boolean> => {
    const attached = { secret, policy, now: deps.clock() };
    const asked = { named, action: GET_SECRET_VALUE, context: {} };
    const { evaluation } = await judgeInTurns(identity, (budget) => judgeAccess(attached, asked, budget));
    return evaluation.decision === 'allowed' || evaluation.decision === 'unknown';
  };

  const ends = (seen: IndexedSecret, within: string): boolean => {
    const next = nextEndOf(seen, deps.clock());
    return next !== null && Date.parse(next) <= deps.clock().getTime() + durationMs(within);
  };

  return async (identity, { limit, cursor, principal, endsWithin, fresh = false, ...asked }) => {
    const sees = eyesOf(deps.authorizer, identity, 'readSecret');
    const named = readerNamed(principal);
    const secret = await deps.freshLook(identity, { ...asked, fresh }, sees);
    const filter = { ...asked, ...(secret !== undefined && { secret }) };
    await deps.ownChanges.settle();
    const { account, exposure } = filter;
    const arn = arnIn(secret);
    return scanPage(
      {
        rows: (from) =>
          named === undefined || arn !== undefined
            ? deps.search.list({ arn, account, exposure, ...from })
            : deps.search.speaking({ ...edgesTo(named), ...from }),
        placeOf: arnOf,
      },
      async (seen) =>
        matches(seen, filter) &&
        sees(seen.secret) &&
        (endsWithin === undefined || ends(seen, endsWithin)) &&
        (named === undefined || (await lets(seen, named, identity)))
          ? shown(seen, deps.clock())
          : undefined,
      { limit, cursor },
    );
  };
}

function matches({ secret, exposure, findings }: IndexedSecret, wanted: EstateFilter): boolean {
  const { text, tagKey, tagValue, secret: one } = wanted;
  const tags = Object.entries(secret.tags);
  const has = (part: string | null) => text === undefined || part?.toLowerCase().includes(text.toLowerCase()) === true;
  return (
    isOne(secret, one) &&
    (wanted.account === undefined || secret.account === wanted.account) &&
    (wanted.region === undefined || secret.region === wanted.region) &&
    (wanted.exposure === undefined || exposure === wanted.exposure) &&
    (wanted.finding === undefined || findings.includes(wanted.finding)) &&
    (has(secret.name) || has(secret.description)) &&
    ((tagKey === undefined && tagValue === undefined) ||
      tags.some(
        ([key, value]) => (tagKey === undefined || key === tagKey) && (tagValue === undefined || value === tagValue),
      ))
  );
}

function shown(seen: IndexedSecret, now: Date): EstateSecret {
  const { secret, exposure, readers, denials, findings, problem, asOf } = seen;
  return {
    ...{ arn: secret.arn, name: secret.name, description: secret.description },
    ...{ account: secret.account, region: secret.region, tags: secret.tags, deletedAt: secret.deletedAt },
    ...{ exposure, readers, denials, findings, nextEnd: nextEndOf(seen, now), problem, asOf: asOf.toISOString() },
  };
}

/** Of the shares of this service that have not ended. */
function nextEndOf({ secret, policy }: IndexedSecret, now: Date): string | null {
  const ends = entriesOf(parse(policy, secret.partition)).flatMap(({ kind, expiresAt }) =>
    kind === 'share' && expiresAt !== null && Date.parse(expiresAt) > now.getTime() ? [expiresAt] : [],
  );
  return ends.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
