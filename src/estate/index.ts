import type { BulkOperations } from '../access/bulk/bulk-operations.ts';
import type { Authorizer } from '../access/guard/authorizer.ts';
import type { Keys, SecretVersions } from '../access/judge/key/keys.ts';
import { createLegExaminer } from '../access/judge/legs/legs.ts';
import type { SecretEvents } from '../access/looks/entry-origins.ts';
import type { SecretDirectory } from '../access/looks/secret-directory.ts';
import type { ChangeEvents } from '../access/recover/change-events.ts';
import type { PolicyChanger } from '../access/write/change-policy.ts';
import type { AuditJournal } from '../access/write/record/audit-journal.ts';
import type { SecretPolicies } from '../access/write/secret-policies.ts';
import { partitionOfRegion } from '../policy/arn.ts';
import type { Foreground } from '../turns/foreground.ts';
import type { EstateConfig } from './config.ts';
import type { Acknowledgements, EstateGaps, EstateIndex, EstateSearch, SeenSecrets } from './estate-index.ts';
import type { ReceivingState } from './events/change-event-queue.ts';
import { createHintFollower } from './events/follow-hint.ts';
import { createKeyChange } from './events/key-changed.ts';
import { createDriftDetector } from './findings/drifted.ts';
import { createFindingRecorder } from './findings/record-findings.ts';
import { createFindingAcknowledger } from './lists/acknowledge-finding.ts';
import { createFindingLister } from './lists/list-findings.ts';
import { createReadableLister } from './lists/list-readable.ts';
import { createEstateLister } from './lists/list-secrets.ts';
import { createEstateViewer } from './lists/view-estate.ts';
import { createOwnChanges } from './own-changes.ts';
import type { EstatePlaces, Place, PlaceClaims, SurveyClock } from './place.ts';
import { createEstateAccounts } from './places/accounts.ts';
import { createPlaceKeeper } from './places/keep-places.ts';
import { createEstateRegions } from './places/regions.ts';
import { createSeenEstate } from './seen-estate.ts';
import { createCallerMemory } from './survey/caller-memory.ts';
import { createFreshLook } from './survey/fresh-look.ts';
import { createEstateLook } from './survey/look.ts';
import { createKeyLook, type EstateKeys, seenKeys } from './survey/seen-keys.ts';
import { createSurveyStarter } from './survey/start-survey.ts';
import { createPlaceSurveyor } from './survey/survey-place.ts';
import { createSurveyor } from './survey/surveyor.ts';

/** Where nobody surveys by themselves, what failed is tried again when somebody asks. */
const NEVER_MS = 100 * 365 * 86_400_000;

/** The estate, joined. @param deps.policies read in the lane of surveys */
export function createEstate(
  deps: SurveyClock & {
    config: EstateConfig;
    region: string;
    ownAccount(): Promise<string>;
    /** Which accounts the organization has, and which it is, where it is asked. */
    ofOrganization: { list(): Promise<readonly string[]>; id(): Promise<string> } | undefined;
    /** The Regions that an account has enabled, where they are asked for. */
    enabledRegions: ((account: string) => Promise<readonly string[]>) | undefined;
    callerIn(account: string): Promise<string>;
    places: EstatePlaces & PlaceClaims;
    index: EstateIndex & SeenSecrets & EstateGaps;
    search: EstateSearch;
    seenKeys: EstateKeys;
    keys: Keys & SecretVersions;
    directory: SecretDirectory;
    policies: Pick<SecretPolicies, 'describe' | 'get'>;
    acknowledgements: Acknowledgements;
    foreground: Pick<Foreground, 'quiet'>;
    journal: Pick<AuditJournal, 'append' | 'lastPolicy'> &
      Pick<SecretEvents, 'appliedTo'> &
      Pick<ChangeEvents, 'eventsOfChange'>;
    newChangeId(): string;
    onFailure(secretArn: string, error: unknown): void;
  },
) {
  const { config, places, index } = deps;
  const partition = partitionOfRegion(deps.region);
  const accounts = createEstateAccounts({ ...deps, accounts: config.accounts });
  const regions = createEstateRegions({ ...deps, regions: config.regions, list: deps.enabledRegions });
  const told = { organization: accounts.organization, enabledRegions: regions.state };
  const configured = async (): Promise<Place[]> => regions.placesOf(await accounts.all());

  const keyLook = createKeyLook({ keys: deps.keys, store: deps.seenKeys, clock: deps.clock });
  const look = createEstateLook({
    ...{ ...deps, isOfEstate },
    legs: (versions) => createLegExaminer(seenKeys(deps.seenKeys, versions), deps.clock),
    versions: deps.keys.versions,
    keyLook,
    ours: accounts.ours,
    recorded: createFindingRecorder(deps),
    lastPolicy: deps.journal.lastPolicy,
    driftedBy: createDriftDetector(deps.journal),
    callerIn: createCallerMemory(deps.callerIn, deps.clock),
  });
  const survey = createPlaceSurveyor({ ...deps, look, everyMs: config.surveyEveryMs ?? NEVER_MS });
  const keep = createPlaceKeeper({ ...deps, look });
  const surveyor = createSurveyor({ ...deps, keep, configured, survey, look });
  const ownChanges = createOwnChanges({ ...deps, look, keyLook });
  /** Also before the first survey. */
  async function isOfEstate({ account, region }: Place): Promise<boolean> {
    if ((await places.find({ account, region })) !== null) return true;
    const all = await configured();
    if (!all.some((place) => place.account === account && place.region === region)) return false;
    await keep(all);
    return true;
  }
  return {
    surveyor,
    again: look.again,
    follower: (noteDrift: PolicyChanger['noteDrift']) =>
      createHintFollower({
        ...{ ...deps, isOfEstate, look, noteDrift },
        keyChanged: createKeyChange({ keyLook, search: deps.search, look }),
      }),
    ownChanges,
    starter: (bulk: Pick<BulkOperations, 'start'>, authorizer: Authorizer) =>
      createSurveyStarter({ bulk, configured, authorizer }),
    viewer: (authorizer: Authorizer, receiving: () => ReceivingState | null) =>
      createEstateViewer({ places, index, ownChanges, authorizer, receiving, ...told }),
    seen: createSeenEstate({ ...deps, ownChanges, ...told }),
    acknowledge: (authorizer: Authorizer) => createFindingAcknowledger({ ...deps, ownChanges, authorizer }),
    listers: (authorizer: Authorizer) => {
      const freshLook = createFreshLook({ ...deps, isOfEstate, look, authorizer });
      const common = { search: deps.search, ownChanges, freshLook, authorizer, partition, clock: deps.clock };
      return {
        secrets: createEstateLister(common),
        findings: createFindingLister(common),
        readable: createReadableLister({ ...common, keys: deps.seenKeys }),
      };
    },
  };
}
