import { surveyOf } from '../access/judge/survey.ts';
import type { SecretSummary } from '../access/looks/secret-directory.ts';
import type { Secret } from '../access/secret.ts';
import type { SecretPolicies } from '../access/write/secret-policies.ts';
import type { Clock } from '../clock.ts';
import { partitionOfRegion } from '../policy/arn.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { DomainError } from '../problems/problem.ts';
import { isPassing } from '../problems/table.ts';
import { edgesOf } from './edges.ts';
import type { EstateIndex } from './estate-index.ts';
import { exposureOf } from './exposure.ts';
import { type EstatePlaces, notOfEstate, type Place } from './place.ts';

/** Brings the index up to date on one secret. */
export type EstateLook = {
  /** Asks AWS. @throws DomainError where what fails passes by itself; what else fails is noted */
  atSecret(summary: SecretSummary, place: Place): Promise<void>;
  /** @param secretId a name or ARN. @throws DomainError secret-not-found, aws-…, validation-failed for what is not of the estate */
  again(secretId: string): Promise<void>;
  /** Knows already what is attached. */
  noted(secret: Secret, policy: PolicyDocument | null, asOf: Date): Promise<void>;
};

/** @param deps.ours the accounts of the estate */
export function createEstateLook(deps: {
  index: EstateIndex;
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  lookAtKeys(secret: Secret): Promise<void>;
  ours(): Promise<ReadonlySet<string>>;
  places: Pick<EstatePlaces, 'find'>;
  clock: Clock;
}): EstateLook {
  const { index, policies, clock } = deps;

  async function noted(secret: Secret, policy: PolicyDocument | null, asOf: Date): Promise<void> {
    // Until it is restored AWS lets nobody read it.
    const attached = secret.deletedAt === null ? policy : null;
    const exposed = await exposureOf(surveyOf(secret, attached, asOf), await deps.ours());
    await index.put({ secret, policy: attached, problem: null, asOf, ...exposed }, edgesOf(attached, secret.partition));
  }

  async function again(secretId: string): Promise<void> {
    const asOf = clock();
    const [secret, policy] = await Promise.all([policies.describe(secretId), policies.get(secretId).catch(ofDeleted)]);
    if ((await deps.places.find(secret)) === null) throw notOfEstate();
    await deps.lookAtKeys(secret);
    await noted(secret, policy, asOf);
  }

  return {
    noted,
    again,
    async atSecret(summary, place) {
      try {
        await again(summary.arn);
      } catch (error) {
        if (!(error instanceof DomainError) || isPassing(error.code)) throw error;
        if (error.code === 'secret-not-found') return index.forget(summary.arn);
        const { code, message } = error;
        await index.fail(secretOf(summary, place), { code, detail: message }, clock());
      }
    },
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
