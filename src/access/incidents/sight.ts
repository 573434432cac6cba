import { DomainError } from '../../problems/problem.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Identity } from '../identity.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { SeenEstate } from './plan/targets.ts';

/**
 * Whether a caller may know of a secret of an incident that somebody else began: by its tags as they were last seen, else by
 * what AWS says. What there is not hides nobody; what can't be found out is hidden.
 */
export type IncidentSight = (identity: Identity, secretId: string) => Promise<boolean>;

export function createIncidentSight(deps: {
  estate: Pick<SeenEstate, 'find'>;
  policies: Pick<SecretPolicies, 'describe'>;
  visible: Pick<VisibleSecrets, 'knows'>;
}): IncidentSight {
  return async (identity, secretId) => {
    const seen = await deps.estate.find(secretId);
    if (seen !== null) return deps.visible.knows(identity, seen.secret);
    try {
      return deps.visible.knows(identity, await deps.policies.describe(secretId));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return error.code === 'secret-not-found';
    }
  };
}
