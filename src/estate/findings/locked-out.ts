import { isLockedOut } from '../../access/judge/denied/locked-out.ts';
import type { Survey } from '../../access/judge/survey.ts';
import type { DomainError } from '../../problems/problem.ts';

/** What this service asks AWS of a secret’s policy. */
const ASKED = ['DescribeSecret', 'GetResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy'].map(
  (name) => `secretsmanager:${name}`,
);

/** Which of its actions a policy surely denies the service itself. @param who its ARN there; null where AWS did not say */
export const deniedToUs = ({ secret, policy }: Survey, who: string | null): string[] =>
  who === null ? [] : ASKED.filter((action) => isLockedOut(policy, secret.arn, action, who));

/** The same where AWS refuses a look, and says that the secret’s policy is why. */
export function refusedToUs(error: DomainError): string[] {
  const denial = error.factsOf('aws-access-denied');
  if (denial === undefined || 'credentials' in denial || !denial.explicitly) return [];
  return denial.denyIn === 'resource-based policy' ? [denial.missing] : [];
}
