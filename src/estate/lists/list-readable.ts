import type { Authorizer } from '../../access/guard/authorizer.ts';
import type { Identity } from '../../access/identity.ts';
import { type Dependency, openQuestions } from '../../access/judge/dependency.ts';
import { type AccessJudged, judgeAccess } from '../../access/judge/judge-access.ts';
import type { Leg } from '../../access/judge/legs/leg.ts';
import { createLegExaminer, UNSEEN_SIDE } from '../../access/judge/legs/legs.ts';
import { namesIn, type Reader, readerOf } from '../../access/judge/reader.ts';
import { placesIn, type StatementPlace } from '../../access/judge/survey.ts';
import { judgeInTurns } from '../../access/judge/turns.ts';
import type { Clock } from '../../clock.ts';
import type { Page, PageRequest } from '../../page.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { principalArn } from '../../policy/entries/normalise.ts';
import type { Decision, StatementVerdict } from '../../policy/evaluate/evaluation.ts';
import { edgeOf, edgesTo } from '../edges.ts';
import type { EstateSearch, IndexedSecret } from '../estate-index.ts';
import type { OwnChanges } from '../own-changes.ts';
import type { FreshLook, OneSecret } from '../survey/fresh-look.ts';
import { type EstateKeys, seenKeys } from '../survey/seen-keys.ts';
import { eyesOf } from './eyes.ts';
import { arnIn, arnOf, isOne, scanPage } from './scan.ts';

/** Through what a statement lets somebody in. */
export const ways = ['itself', 'account', 'organization', 'everybody'] as const;
export type Way = (typeof ways)[number];

/** A secret that somebody may read, may perhaps, or is kept from by a Deny only. */
type ReadableSecret = {
  secret: { arn: string; name: string };
  account: string;
  region: string;
  decision: Exclude<Decision, 'implicitlyDenied'>;
  /** None where it is in the secret's own account and only its identity policies may say. */
  via: Way[];
  because: StatementPlace[];
  deniedBy: StatementPlace[];
  exceptions: { principal: string; decision: Decision; because: StatementPlace[] }[];
  dependsOn: Dependency[];
  legs: Leg[];
  /** RFC 3339 */
  asOf: string;
};

type ReadableAsked = { principal: string; action?: string } & OneSecret & PageRequest;

/** @throws DomainError forbidden, validation-failed, principal-not-nameable, partition-mismatch, audit-unavailable */
export type ReadableLister = (identity: Identity, asked: ReadableAsked) => Promise<Page<ReadableSecret>>;

/** What somebody may read, over all accounts and Regions, by the one judge, on what was last seen. */
export function createReadableLister(deps: {
  search: Pick<EstateSearch, 'speaking' | 'list'>;
  keys: Pick<EstateKeys, 'findKey'>;
  ownChanges: Pick<OwnChanges, 'settle'>;
  freshLook: FreshLook;
  authorizer: Authorizer;
  partition: string;
  clock: Clock;
}): ReadableLister {
  return async (identity, { principal, action = GET_SECRET_VALUE, limit, cursor, ...one }) => {
    const sees = eyesOf(deps.authorizer, identity, 'checkAccess');
    const named = readerOf(principalArn(principal, 'principal', deps.partition), deps.partition);
    const secret = await deps.freshLook(identity, one, sees);
    await deps.ownChanges.settle();
    const arn = arnIn(secret);
    const owner = named.caller.account;
    return scanPage(
      {
        rows: (from) =>
          arn === undefined
            ? deps.search.speaking({ ...edgesTo(named), owner, ...from })
            : deps.search.list({ arn, ...from }),
        placeOf: arnOf,
      },
      async (seen) =>
        isOne(seen.secret, secret) && sees(seen.secret) ? readable(seen, { identity, named, action }) : undefined,
      { limit, cursor },
    );
  };

  async function readable(
    seen: IndexedSecret,
    { identity, named, action }: { identity: Identity; named: Reader; action: string },
  ): Promise<ReadableSecret | undefined> {
    const { secret, policy, versions } = seen;
    const now = deps.clock();
    const judged = await judgeInTurns(identity, (budget) =>
      judgeAccess({ secret, policy, now }, { named, action, context: {} }, budget),
    );
    const { reader, evaluation, verdict } = judged;
    if (evaluation.decision === 'implicitlyDenied') return undefined;
    const keys = seenKeys(deps.keys, versions);
    const legsOf = await createLegExaminer(keys, deps.clock).lookAt(secret, [action]);
    const legs = await judgeInTurns(identity, (budget) => legsOf(verdict, UNSEEN_SIDE, budget));
    const placeOf = placesIn(policy);
    const place = ({ statement }: StatementVerdict) => placeOf(statement);
    const keysAsOf = keys.oldest();
    return {
      secret: { arn: secret.arn, name: secret.name },
      account: secret.account,
      region: secret.region,
      decision: evaluation.decision,
      via: waysOf(judged, secret.partition),
      because: evaluation.because.filter(isAllow).map(place),
      deniedBy: evaluation.because.filter(({ effect, applies }) => effect === 'Deny' && applies === 'yes').map(place),
      exceptions: evaluation.exceptions.map(({ because, ...exception }) => ({
        ...exception,
        because: because.map(place),
      })),
      dependsOn: openQuestions(evaluation, reader.caller.account === secret.account),
      legs,
      asOf: (keysAsOf !== null && keysAsOf < seen.asOf ? keysAsOf : seen.asOf).toISOString(),
    };
  }
}

const isAllow = ({ effect }: StatementVerdict): boolean => effect === 'Allow';

/** By the names that the statements which let it in speak of. */
function waysOf({ reader, evaluation }: AccessJudged, partition: string): Way[] {
  const names = evaluation.because.filter(isAllow).flatMap(({ statement }) => namesIn(statement));
  const found = new Set(names.flatMap((name) => wayOf(reader, readerOf(name, partition)) ?? []));
  return ways.filter((way) => found.has(way));
}

/** An account stands for whoever of it: what names one of its principals lets in the account itself. */
function wayOf(reader: Reader, name: Reader): Way | undefined {
  if (name.kind === 'everyone') return 'everybody';
  if (name.kind === 'organization') return 'organization';
  if (name.caller.account !== reader.caller.account) return undefined;
  if (reader.kind === 'account') return 'itself';
  if (name.kind === 'account') return 'account';
  return edgeOf(name)?.principal === edgeOf(reader)?.principal ? 'itself' : undefined;
}
