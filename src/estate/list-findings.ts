import type { Authorizer } from '../access/guard/authorizer.ts';
import type { Identity } from '../access/identity.ts';
import { sha256 } from '../hash.ts';
import type { Page, PageRequest } from '../page.ts';
import type { EstateSearch, FindingPlace, SeenFinding } from './estate-index.ts';
import { eyesOf } from './eyes.ts';
import type { Finding, FindingKind, Severity } from './findings.ts';
import type { OwnChanges } from './own-changes.ts';
import { scanPage } from './scan.ts';

/** Something that is wrong with a secret; times are RFC 3339. */
export type ShownFinding = Finding & {
  /** The same as long as it lasts, and when it comes again. */
  id: string;
  severity: Severity;
  since: string;
  secret: { arn: string; name: string };
  account: string;
  region: string;
  asOf: string;
};

export type FindingFilter = { kind?: FindingKind; severity?: Severity; secret?: string };

/** @throws DomainError forbidden, validation-failed, audit-unavailable */
export type FindingLister = (identity: Identity, asked: FindingFilter & PageRequest) => Promise<Page<ShownFinding>>;

/** What is wrong, as last seen: of the secrets whose policy the caller may look at. */
export function createFindingLister(deps: {
  search: Pick<EstateSearch, 'findings'>;
  ownChanges: Pick<OwnChanges, 'settle'>;
  authorizer: Authorizer;
}): FindingLister {
  return async (identity, { kind, severity, secret, ...page }) => {
    const sees = eyesOf(deps.authorizer, identity, 'checkAccess');
    await deps.ownChanges.settle();
    const isOf = ({ arn, name }: { arn: string; name: string }) => secret === undefined || [arn, name].includes(secret);
    return scanPage(
      {
        rows: ({ after, limit }) => deps.search.findings({ after: placeIn(after), limit, kind }),
        placeOf: (found) => `${found.arn} ${found.kind}`,
      },
      async (found) =>
        (severity === undefined || found.severity === severity) && isOf(found.seen.secret) && sees(found.seen.secret)
          ? shown(found)
          : undefined,
      page,
    );
  };
}

function placeIn(place: string): FindingPlace {
  const [arn = '', kind = ''] = place.split(' ');
  return { arn, kind };
}

function shown({ kind, severity, since, detail, mend, seen: { secret, asOf } }: SeenFinding): ShownFinding {
  const { arn, name, account, region } = secret;
  return {
    id: sha256(`${arn} ${kind}`).slice(0, 24),
    ...{ kind, severity, since: since.toISOString(), secret: { arn, name }, account, region, detail, mend },
    asOf: asOf.toISOString(),
  };
}
