import type { Authorizer } from '../../access/guard/authorizer.ts';
import type { Identity } from '../../access/identity.ts';
import type { Clock } from '../../clock.ts';
import type { Page, PageRequest } from '../../page.ts';
import type { EstateSearch, FindingPlace, SeenFinding } from '../estate-index.ts';
import { type Finding, type FindingKind, findingId, type Severity } from '../findings/finding.ts';
import type { OwnChanges } from '../own-changes.ts';
import type { FreshLook, OneSecret } from '../survey/fresh-look.ts';
import { eyesOf } from './eyes.ts';
import { arnIn, isOne, scanPage } from './scan.ts';

export const findingStatuses = ['open', 'acknowledged'] as const;
type FindingStatus = (typeof findingStatuses)[number];

/** Something that is wrong with a secret; times are RFC 3339. */
export type ShownFinding = Omit<Finding, 'about'> & {
  /** The same as long as it lasts, and when it comes again. */
  id: string;
  /** Another where it is about others. */
  etag: string;
  severity: Severity;
  status: FindingStatus;
  since: string;
  /** Null also where it has run out, or was of others than those whom it is about now. */
  acknowledged: { by: string; reason: string; at: string; until: string } | null;
  secret: { arn: string; name: string };
  account: string;
  region: string;
  asOf: string;
};

type FindingFilter = { kind?: FindingKind; severity?: Severity; status?: FindingStatus } & OneSecret;

/** @throws DomainError forbidden, validation-failed, audit-unavailable */
export type FindingLister = (identity: Identity, asked: FindingFilter & PageRequest) => Promise<Page<ShownFinding>>;

/** What is wrong, as last seen: of the secrets whose policy the caller may look at. */
export function createFindingLister(deps: {
  search: Pick<EstateSearch, 'findings'>;
  ownChanges: Pick<OwnChanges, 'settle'>;
  freshLook: FreshLook;
  authorizer: Authorizer;
  clock: Clock;
}): FindingLister {
  return async (identity, { kind, severity, status, limit, cursor, ...one }) => {
    const sees = eyesOf(deps.authorizer, identity, 'checkAccess');
    const secret = await deps.freshLook(identity, one, sees);
    await deps.ownChanges.settle();
    return scanPage(
      {
        rows: ({ after, limit: some }) =>
          deps.search.findings({ after: placeIn(after), limit: some, kind, arn: arnIn(secret) }),
        placeOf: (found) => `${found.arn} ${found.kind}`,
      },
      async (found) => {
        if ((severity !== undefined && found.severity !== severity) || !isOne(found.seen.secret, secret))
          return undefined;
        const finding = shownFinding(found, deps.clock());
        return (status === undefined || finding.status === status) && sees(found.seen.secret) ? finding : undefined;
      },
      { limit, cursor },
    );
  };
}

function placeIn(place: string): FindingPlace {
  const [arn = '', kind = ''] = place.split(' ');
  return { arn, kind };
}

export function shownFinding(found: SeenFinding, now: Date): ShownFinding {
  const { kind, severity, since, detail, mend, acknowledgement: said, seen, about } = found;
  const { arn, name, account, region } = seen.secret;
  const holds = said !== null && said.until > now;
  return {
    ...{
      id: findingId(arn, kind),
      etag: `"${about.slice(0, 16)}"`,
      kind,
      severity,
      status: holds ? 'acknowledged' : 'open',
    },
    ...{ since: since.toISOString(), secret: { arn, name }, account, region, detail, mend },
    acknowledged: holds ? { ...said, at: said.at.toISOString(), until: said.until.toISOString() } : null,
    asOf: seen.asOf.toISOString(),
  };
}
