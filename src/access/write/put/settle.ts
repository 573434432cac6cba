import { samePolicy } from '../../../policy/canonical.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import type { DomainError } from '../../../problems/problem.ts';
import type { Timing } from '../../../timing.ts';
import type { SecretPolicies } from '../secret-policies.ts';

const ATTEMPTS_MS = [200, 800, 2_000];

/**
 * After a Put whose answer was lost: what does the policy say? Secrets Manager is eventually consistent, so the old
 * document is believed only when it is still there after a Put can no longer land; the new one at once. A look that fails has had its
 * own deadline already: the caller has waited long enough.
 * @returns null when the change stands; the failure, now certain, when it does not; else the failure, uncertain still
 */
export async function settleByReading(
  {
    policies,
    sleep,
    timing,
  }: {
    policies: Pick<SecretPolicies, 'get'>;
    sleep(ms: number): Promise<void>;
    timing: Pick<Timing, 'landedAfterMs'>;
  },
  { arn, before, after }: { arn: string; before: PolicyDocument | null; after: PolicyDocument | null },
  failure: DomainError,
): Promise<DomainError | null> {
  let unchanged = 0;
  let waited = 0;
  for (const wait of ATTEMPTS_MS) {
    await sleep(wait);
    waited += wait;
    // Why not is not told: what failed first is, and that nobody knows.
    const now = await policies.get(arn).catch(() => undefined);
    if (now === undefined) break;
    if (samePolicy(now, after)) return null;
    if (samePolicy(now, before)) unchanged += 1;
  }
  if (unchanged === ATTEMPTS_MS.length && waited >= timing.landedAfterMs) {
    return failure.with({ uncertain: undefined, afterword: 'The policy was not changed.' });
  }
  return failure.with({
    afterword: 'Whether the policy was changed is not known yet: read it before you try again.',
  });
}
