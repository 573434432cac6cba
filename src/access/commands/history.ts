import type { AuditEvent } from '../../audit/event.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';

/** The document, null where there was none; or why it can't be told. */
export type PolicyBefore = PolicyDocument | DomainError<'change-not-found'> | null;

/** What the audit log knows of past changes. */
export type ChangeHistory = {
  /**
   * The document from before a change of this secret; `change-not-found`, also when the change was another secret's or never
   * reached AWS, is for who may roll back at all to know.
   */
  policyBefore(secretId: string, changeId: string): Promise<PolicyBefore>;
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
      if (applied?.policy == null) return new DomainError('change-not-found', { changeId });
      return applied.policy.before;
    },
  };
}
