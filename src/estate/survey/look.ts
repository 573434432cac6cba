import { SYSTEM } from '../../access/identity.ts';
import { partsOf } from '../../access/judge/judge-secret.ts';
import type { EncryptedVersion, SecretVersions } from '../../access/judge/key/keys.ts';
import type { Leg } from '../../access/judge/legs/leg.ts';
import { type LegExaminer, UNSEEN_SIDE } from '../../access/judge/legs/legs.ts';
import { surveyOf } from '../../access/judge/survey.ts';
import { judgeInTurns } from '../../access/judge/turns.ts';
import type { SecretSummary } from '../../access/looks/secret-directory.ts';
import type { Secret } from '../../access/secret.ts';
import type { AuditJournal, KnownPolicy } from '../../access/write/record/audit-journal.ts';
import type { SecretPolicies } from '../../access/write/secret-policies.ts';
import type { Clock } from '../../clock.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { partitionOfRegion } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import { isPassing } from '../../problems/table.ts';
import { edgesOf } from '../edges.ts';
import type { EstateIndex, IndexedSecret, SeenSecrets } from '../estate-index.ts';
import { exposureOf, type NamedReader, readersOf } from '../exposure.ts';
import type { DriftDetector } from '../findings/drifted.ts';
import { findingsOf, type LeggedReader, lockedOut } from '../findings/findings.ts';
import { deniedToUs, refusedToUs } from '../findings/locked-out.ts';
import { outsideWriters } from '../findings/outside-writers.ts';
import type { FindingRecorder } from '../findings/record-findings.ts';
import { rotationShutOut } from '../findings/rotation-shut-out.ts';
import { notOfEstate, type Place } from '../place.ts';
import type { KeyLook } from './seen-keys.ts';

/** Readers of one secret whose key legs are judged for findings. */
const LEGGED = 20;

/** Brings the index up to date on one secret. */
export type EstateLook = {
  /** Asks AWS. @throws DomainError where what fails passes by itself; what else fails is noted */
  atSecret(summary: SecretSummary, place: Place): Promise<void>;
  /** @param secretId a name or ARN. @throws DomainError secret-not-found, aws-…, validation-failed for what is not of the estate */
  again(secretId: string): Promise<void>;
  /**
   * The same of one that is known: one that is gone is forgotten, and a policy that locks this service out is found.
   * @throws DomainError for what else fails; it is noted too, unless it passes by itself
   */
  anew(secret: Secret): Promise<void>;
  /** The same, but for its keys: they may have been looked at some minutes ago. */
  hinted(secret: Secret): Promise<void>;
  /** Knows already what is attached. */
  noted(secret: Secret, policy: PolicyDocument | null, asOf: Date): Promise<void>;
  /** These are no more: what was found with them is over. */
  leaving(secrets: readonly IndexedSecret[]): Promise<void>;
};

/** @param deps.ours the accounts of the estate, and their organization where that is known */
export function createEstateLook(deps: {
  index: Omit<EstateIndex, 'forgetUnseen'> & Pick<SeenSecrets, 'find'>;
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  keyLook: Pick<KeyLook, 'at' | 'anew'>;
  versions: SecretVersions['versions'];
  /** By the keys as last seen. */
  legs(versions: EncryptedVersion[] | null): LegExaminer;
  ours(): Promise<ReadonlySet<string>>;
  isOfEstate(place: Place): Promise<boolean>;
  recorded: FindingRecorder;
  lastPolicy: AuditJournal['lastPolicy'];
  driftedBy: DriftDetector;
  /** The ARN of this service in an account; null where AWS does not say. */
  callerIn(account: string): Promise<string | null>;
  clock: Clock;
}): EstateLook {
  const { index, policies, clock } = deps;

  /** What else was seen of a secret: `before` is what the audit log knew of its policy before AWS was asked, if it was. */
  type Seen = { policy: PolicyDocument | null; versions: EncryptedVersion[] | null; before?: KnownPolicy | null };

  async function note(secret: Secret, { policy, versions, before }: Seen, asOf: Date): Promise<void> {
    // Until it is restored AWS lets nobody read it.
    const attached = secret.deletedAt === null ? policy : null;
    const ours = await deps.ours();
    const { survey, readers } = await judgeInTurns(SYSTEM.identity, function* (budget) {
      const survey = yield* surveyOf(secret, attached, asOf, budget);
      return { survey, readers: yield* readersOf(survey, ours) };
    });
    const after = await deps.lastPolicy(secret.arn);
    const findings = findingsOf(survey, await withLegs(secret, versions, readers), {
      writers: await outsideWriters(survey, ours),
      drifted: await deps.driftedBy(secret, attached, asOf, { before: before === undefined ? after : before, after }),
      shutOut: rotationShutOut(survey),
      denied: deniedToUs(survey, await deps.callerIn(secret.account)),
    });
    const kinds = findings.map(({ kind }) => kind);
    const found = { findings: kinds, ...exposureOf(survey, readers) };
    const seen = { secret, policy: attached, versions, problem: null, asOf, ...found };
    const known = await index.find(secret.arn);
    if (known !== null && known.asOf > asOf) return;
    await deps.recorded(secret, known?.findings ?? [], findings);
    await index.put(seen, edgesOf(attached, secret.partition), findings);
  }

  /** What is missing for those of other accounts: a set of them is told by some. */
  async function withLegs(
    secret: Secret,
    versions: EncryptedVersion[] | null,
    readers: readonly NamedReader[],
  ): Promise<LeggedReader[]> {
    const strangers = readers.filter(({ named }) => named.reader.caller.account !== secret.account).slice(0, LEGGED);
    const legsOf = await deps.legs(versions).lookAt(secret, strangers.length === 0 ? [] : [GET_SECRET_VALUE]);
    const legged = new Map<NamedReader, Leg[]>();
    for (const reader of strangers) {
      const { situation, judged } = reader.named;
      const legs = await judgeInTurns(SYSTEM.identity, function* (budget) {
        const parts = yield* partsOf({ ...situation, budget }, judged.left, [GET_SECRET_VALUE]);
        return yield* legsOf({ ...judged, parts }, UNSEEN_SIDE, budget);
      });
      legged.set(reader, legs);
    }
    return readers.map((reader) => ({ ...reader, legs: legged.get(reader) ?? [] }));
  }

  /** @param listed where a survey met it: it is of the estate then */
  async function look(
    arn: string,
    lookAtKeys: (secret: Secret) => Promise<void>,
    listed?: SecretSummary,
  ): Promise<void> {
    const asOf = clock();
    const before = await deps.lastPolicy(arn);
    const [secret, policy, versions] = await Promise.all([
      policies.describe(arn),
      policies.get(arn).catch(ofDeleted),
      listed?.kmsKeyId === null ? [] : versionsOf(arn),
    ]);
    if (listed === undefined && !(await deps.isOfEstate(secret))) throw notOfEstate();
    await lookAtKeys(secret);
    await note(secret, { policy, versions: await versionsFor(secret, policy, versions), before }, asOf);
  }

  /**
   * None where nothing hangs on them: of its own account everybody whom policies let uses the AWS managed key.
   * @param known none where they were not asked for
   */
  async function versionsFor(
    secret: Secret,
    policy: PolicyDocument | null,
    known: EncryptedVersion[] | null,
  ): Promise<EncryptedVersion[] | null> {
    if (known === null || known.length > 0) return known;
    const isShared = edgesOf(policy, secret.partition).some(({ account }) => account !== secret.account);
    return isShared || secret.kmsKeyId !== null ? versionsOf(secret.arn) : [];
  }

  /** Where AWS does not show them, what hangs on them is unknown. @throws DomainError for what passes by itself */
  const versionsOf = (arn: string): Promise<EncryptedVersion[] | null> =>
    deps.versions(arn).catch((error) => {
      if (error instanceof DomainError && !isPassing(error.code)) return null;
      throw error;
    });

  /** Our own changes, and those of its keys, leave its versions as they were. */
  async function noted(secret: Secret, policy: PolicyDocument | null, asOf: Date): Promise<void> {
    const known = await index.find(secret.arn);
    const versions = await versionsFor(secret, policy, known?.versions ?? []);
    await note(secret, { policy, versions }, asOf);
  }

  async function again(secretId: string): Promise<void> {
    const arn = secretId.startsWith('arn:') ? secretId : (await policies.describe(secretId)).arn;
    await look(arn, deps.keyLook.anew);
  }

  async function leaving(secrets: readonly IndexedSecret[]): Promise<void> {
    for (const { secret, findings } of secrets) await deps.recorded(secret, findings, []);
  }

  async function failed(secret: Secret, error: DomainError): Promise<void> {
    const refused = refusedToUs(error);
    const found = refused.length === 0 ? undefined : lockedOut(secret, refused);
    const known = await index.find(secret.arn);
    const before = known?.findings ?? [];
    if (found !== undefined && !before.includes(found.kind)) await deps.recorded(secret, [], [found]);
    await index.fail(secret, { code: error.code, detail: error.message }, clock(), found);
  }

  /** Takes note of why a look failed. @throws what passes by itself */
  async function missed(secret: Secret, error: unknown): Promise<DomainError> {
    if (!(error instanceof DomainError) || isPassing(error.code)) throw error;
    if (error.code === 'secret-not-found') await gone(secret.arn);
    else await failed(secret, error);
    return error;
  }

  async function lookAgain(secret: Secret, lookAtKeys: (secret: Secret) => Promise<void>): Promise<void> {
    try {
      await look(secret.arn, lookAtKeys);
    } catch (thrown) {
      const error = await missed(secret, thrown);
      if (error.code !== 'secret-not-found' && refusedToUs(error).length === 0) throw error;
    }
  }

  async function gone(arn: string): Promise<void> {
    const known = await index.find(arn);
    if (known !== null) await leaving([known]);
    await index.forget(arn);
  }

  return {
    noted,
    again,
    leaving,
    async atSecret(summary, place) {
      await look(summary.arn, deps.keyLook.at, summary).catch((error) => missed(secretOf(summary, place), error));
    },
    anew: (secret) => lookAgain(secret, deps.keyLook.anew),
    hinted: (secret) => lookAgain(secret, deps.keyLook.at),
  };
}

/** AWS shows no policy of a secret that is scheduled for deletion. */
function ofDeleted(error: unknown): null {
  if (error instanceof DomainError && error.code === 'secret-pending-deletion') return null;
  throw error;
}

/** As much of it as ListSecrets shows. */
const secretOf = (summary: SecretSummary, { account, region }: Place): Secret => ({
  ...summary,
  ...{ partition: partitionOfRegion(region), account, region },
  ...{ replicaRegions: [], replicas: [], rotation: null },
});
