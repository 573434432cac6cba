import type { Clock } from '../../clock.ts';
import { sha256 } from '../../hash.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import { parseArn } from '../../policy/arn.ts';
import { etagOf } from '../../policy/canonical.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { entriesOf, without } from '../../policy/entries/edit.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type EntryInWords, entryInWords } from '../../policy/entries/words.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Changer } from '../approvals/request-change.ts';
import type { BulkOperations } from '../bulk/bulk-operations.ts';
import type { BulkOperation } from '../bulk/operation.ts';
import { applyManifest, type SecretManifest } from '../commands/apply-manifest.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Requester } from '../identity.ts';
import type { Effect } from '../judge/effect/effect.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import type { Change, Warning } from '../write/change.ts';

/** By the names or ARNs of secrets. */
type Manifest = Readonly<Record<string, SecretManifest>>;

type SecretPlan = {
  add: EntryInWords[];
  remove: EntryInWords[];
  effect: Effect;
  summary: string;
  warnings: Warning[];
};
type ManifestPlan = {
  /** Stands for the manifest and the policies that it was planned on: another where one of them is another. */
  plan: string;
  empty: boolean;
  secrets: Record<string, SecretPlan>;
};

type Order = { id: string; plan?: string | undefined; dryRun: boolean; reason: string | null; ticket: string | null };

export type ManifestPlanner = {
  /** @throws DomainError as a dry run of each change does; validation-failed where two names are one secret's */
  plan(requester: Requester, manifest: Manifest): Promise<ManifestPlan>;
  /**
   * Begins an operation with a change for each secret. Where a plan is given, each is made of the policy that it was planned on
   * alone. @throws DomainError as plan does, policy-changed where the plan is of other policies, or of another manifest
   */
  apply(requester: Requester, manifest: Manifest, order: Order): Promise<BulkOperation>;
};

export function createManifestPlanner(deps: {
  changer: Changer;
  bulk: Pick<BulkOperations, 'start'>;
  visible: Pick<VisibleSecrets, 'assertMayUse'>;
  legs: LegExaminer;
  granter: KeyGranter;
  clock: Clock;
  newChangeId(): string;
}): ManifestPlanner {
  /** A dry run: what it would refuse with, it refuses with. */
  async function rehearse(requester: Requester, secretId: string, manifest: SecretManifest): Promise<Change> {
    const base = {
      changeId: deps.newChangeId(),
      requester,
      secretId,
      reason: null,
      ticket: null,
      ifMatch: null,
      dryRun: true,
    };
    const answer = await deps.changer.change(applyManifest(base, manifest, null, { ...deps, now: deps.clock() }));
    if ('approvalId' in answer) throw new Error('A dry run waits for nobody.');
    return answer;
  }

  async function rehearseAll(requester: Requester, manifest: Manifest): Promise<Rehearsal[]> {
    const names = Object.keys(manifest);
    // Before AWS is asked about any of them.
    await deps.visible.assertMayUse(requester.identity, ...names);
    const all = await Promise.all(
      names.map(async (secretId) => ({
        secretId,
        change: await rehearse(requester, secretId, manifest[secretId] ?? {}),
      })),
    );
    const twice = all.find((one) =>
      all.some((other) => other !== one && other.change.secret.arn === one.change.secret.arn),
    );
    if (twice === undefined) return all;
    throw new DomainError('validation-failed', {
      why: 'Two names of the manifest are those of one secret.',
      errors: [
        { path: `/secrets/${twice.secretId}`, message: `is ${twice.change.secret.arn}, which another name is too` },
      ],
    });
  }

  return {
    async plan(requester, manifest) {
      const all = await rehearseAll(requester, manifest);
      return {
        plan: fingerprint(manifest, all),
        empty: all.every(({ change }) => !change.changed),
        secrets: Object.fromEntries(all.map(({ secretId, change }) => [secretId, secretPlan(change)])),
      };
    },
    async apply(requester, manifest, { plan, ...order }) {
      const all = await rehearseAll(requester, manifest);
      const now = fingerprint(manifest, all);
      if (plan !== undefined && plan !== now) throw new DomainError('policy-changed', { etag: `"${now}"` });
      const items = all.map(({ secretId, change }) => ({
        secretId,
        request: { ...manifest[secretId], ...(plan !== undefined && { etag: etagOf(change.before) }) },
      }));
      return deps.bulk.start(requester, { ...order, action: 'applyManifest', items });
    },
  };
}

type Rehearsal = { secretId: string; change: Change };

const fingerprint = (manifest: Manifest, all: readonly Rehearsal[]): string =>
  sha256(canonicalJson([manifest, all.map(({ secretId, change }) => [secretId, etagOf(change.before)]).sort()]));

function secretPlan({ secret, before, policy, effect, summary, warnings }: Change): SecretPlan {
  const partition = parseArn(secret.arn)?.partition ?? 'aws';
  const entries = (document: PolicyDocument | null) => entriesOf(parse(document, partition));
  const [had, has] = [entries(before), entries(policy)];
  return {
    add: without(has, had).map(entryInWords),
    remove: without(had, has).map(entryInWords),
    effect,
    summary,
    warnings,
  };
}
