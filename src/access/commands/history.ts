import type { AuditEvent } from '../../audit/event.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';

/** What the audit log knows of past changes. */
export type ChangeHistory = {
  /**
   * The document from before a change of this secret.
   * @throws DomainError change-not-found, also when the change was another secret's or never reached AWS
   */
  policyBefore(secretId: string, changeId: string): Promise<PolicyDocument | null>;
};

export function createChangeHistory(deps: {
  eventsOfChange(changeId: string): Promise<AuditEvent[]>;
  policies: Pick<SecretPolicies, 'describe'>;
}): ChangeHistory {
  return {
    async policyBefore(secretId, changeId) {
      const [secret, events] = await Promise.all([deps.policies.describe(secretId), deps.eventsOfChange(changeId)]);
      const applied = events.find(
        (event) => event.outcome === 'applied' && event.policy !== null && event.secret.arn === secret.arn,
      );
      if (applied?.policy == null) {
        throw new DomainError('change-not-found', { changeId });
      }
      return applied.policy.before;
    },
  };
}
