import {
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  type ListPoliciesForTargetCommandOutput,
  type PolicyType,
} from '@aws-sdk/client-organizations';
import type { ControlKind, OrganizationLooks } from '../../access/judge/organization/controls.ts';
import type { Clock } from '../../clock.ts';
import { DomainError } from '../../problems/problem.ts';
import { isAnswer } from '../calls/errors.ts';
import { createPace } from '../calls/pace.ts';
import type { AwsClients } from '../clients.ts';
import { readOther } from '../policy-text.ts';
import type { OrganizationClient } from './client.ts';

const TYPES: Record<ControlKind, PolicyType> = {
  serviceControl: 'SERVICE_CONTROL_POLICY',
  resourceControl: 'RESOURCE_CONTROL_POLICY',
};

/** And for so long a call waits: what else is asked of the organization must not wait for it. */
const CALLS_A_SECOND = 10;
const MAX_WAIT_MS = 10_000;

/**
 * The control policies of our organization, and where its accounts stand.
 * Source: Organizations API Reference, ListParents, ListPoliciesForTarget, DescribePolicy.
 */
export function createControlPolicies(
  { call }: Pick<AwsClients, 'call'>,
  { asked, describe }: Pick<OrganizationClient, 'asked' | 'describe'>,
  clock: Clock,
): OrganizationLooks {
  const pace = createPace({ perSecond: CALLS_A_SECOND, maxWaitMs: MAX_WAIT_MS, clock });
  return {
    describe,

    async parentOf(child) {
      const organizations = await asked();
      const command = new ListParentsCommand({ ChildId: child });
      const facts = { action: 'organizations:ListParents', resource: child, pace };
      try {
        const { Parents = [] } = await call(facts, command, () => organizations.send(command));
        const [parent] = Parents;
        if (parent?.Id !== undefined) return parent.Id;
        throw new DomainError('aws-error', { why: `AWS named no parent of ${child}.` });
      } catch (error) {
        if (isAnswer(error, 'ChildNotFoundException')) return null;
        throw error;
      }
    },

    async attached(target, kind) {
      const organizations = await asked();
      const found: { id: string; name: string }[] = [];
      let next: string | undefined;
      try {
        do {
          const command = new ListPoliciesForTargetCommand({ TargetId: target, Filter: TYPES[kind], NextToken: next });
          const facts = { action: 'organizations:ListPoliciesForTarget', resource: target, pace };
          const page: ListPoliciesForTargetCommandOutput = await call(facts, command, () =>
            organizations.send(command),
          );
          found.push(...(page.Policies ?? []).map(({ Id: id = '', Name: name = id }) => ({ id, name })));
          next = page.NextToken;
        } while (next !== undefined);
      } catch (error) {
        // Then AWS enforces none of that kind.
        if (isAnswer(error, 'PolicyTypeNotEnabledException')) return [];
        throw error;
      }
      return found;
    },

    async document(policyId) {
      const organizations = await asked();
      const command = new DescribePolicyCommand({ PolicyId: policyId });
      const facts = { action: 'organizations:DescribePolicy', resource: policyId, pace };
      const { Policy } = await call(facts, command, () => organizations.send(command));
      return readOther(Policy?.Content ?? '', `The policy ${policyId} of the organization can’t be read here.`);
    },
  };
}
