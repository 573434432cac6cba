import type { PolicyDocument } from '../../../policy/document.ts';
import { policyText } from '../../../policy/entries/compile.ts';
import { orphansIn } from '../../../policy/orphans.ts';
import { principalsOf } from '../../../policy/principals/role-path.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { Timing } from '../../../timing.ts';
import type { HeldLock } from '../secret-lock.ts';
import type { AwsReceipt, PolicyFinding, SecretPolicies } from '../secret-policies.ts';
import { MAY_BE_PUBLIC } from '../secret-policies.ts';
import { withLockOut } from './explain-denial.ts';
import { isBroad, publicPolicy, putWithoutBlock, withoutBroadAccess } from './public-policy.ts';
import { settleByReading } from './settle.ts';

/** How attaching a document ended: `failure` is null when it stands at AWS, and `uncertain` when it may. */
export type Attachment = AwsReceipt & { failure: DomainError | null };

export const NOTHING_TO_DO: Attachment = { failure: null, awsRequestId: null };

type AttachOptions = {
  validate: boolean;
  alone: boolean;
  held: HeldLock;
  /** Right before the write. @throws PolicyMovedOn */
  assertStill(validated: boolean): Promise<void>;
};

export type PolicyAttacher = {
  /** Validates if asked, then puts or deletes. An answer that is lost is settled by reading. */
  attach(
    arn: string,
    before: PolicyDocument | null,
    after: PolicyDocument | null,
    how: AttachOptions,
  ): Promise<Attachment>;
  /**
   * Of the document after a change.
   * @throws DomainError policy-locks-out-caller, policy-public, policy-malformed, principal-not-found: what AWS's own check finds
   */
  validate(arn: string, before: PolicyDocument | null, after: PolicyDocument | null): Promise<void>;
};

/** A principal created seconds ago is refused like a typing error: one more try, this much later. */
const NEW_PRINCIPAL_MS = 1_500;

export function createPolicyAttacher(
  policies: SecretPolicies,
  sleep: (ms: number) => Promise<void>,
  timing: Timing,
): PolicyAttacher {
  const validate: PolicyAttacher['validate'] = async (arn, before, after) => {
    if (after === null) return;
    const found = await policies.validate(arn, policyText(after)).catch(namingIn(before, after));
    const findings = withoutBroadAccess(found, before, after);
    if (findings.length > 0) throw refusalOf(findings, after);
  };

  async function put(
    arn: string,
    before: PolicyDocument | null,
    document: PolicyDocument | null,
    { validate: asked, alone, held, assertStill }: AttachOptions,
  ): Promise<AwsReceipt> {
    const once = async () => {
      if (asked) await validate(arn, before, document);
      await assertStill(asked);
      if (document === null) return policies.delete(arn, held);
      const text = policyText(document);
      return policies
        .put(arn, text, held)
        .catch((error) => putWithoutBlock(error, before, document, () => policies.put(arn, text, held, MAY_BE_PUBLIC)))
        .catch(namingIn(before, document));
    };
    return once().catch(async (error) => {
      // Who was deleted is not known a moment later either.
      if (
        !alone ||
        orphansIn(document).length > 0 ||
        !(error instanceof DomainError) ||
        error.code !== 'principal-not-found'
      )
        throw error;
      await sleep(NEW_PRINCIPAL_MS);
      return once();
    });
  }

  return {
    validate,
    async attach(arn, before, after, how) {
      try {
        return { failure: null, ...(await put(arn, before, after, how)) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (error.facts.uncertain !== true) return { ...NOTHING_TO_DO, failure: withLockOut(error, before, arn) };
        const failure = await settleByReading({ policies, sleep, timing }, { arn, before, after }, error);
        return { ...NOTHING_TO_DO, failure };
      }
    },
  };
}

/**
 * AWS does not say whom it does not know: where the document names principals that were deleted, it is them, and else one of
 * those whom the policy of before did not name.
 */
const namingIn =
  (before: PolicyDocument | null, document: PolicyDocument) =>
  (error: unknown): never => {
    if (!(error instanceof DomainError) || error.code !== 'principal-not-found') throw error;
    const orphans = orphansIn(document);
    const known = new Set(principalsOf(before));
    const added = [...new Set(principalsOf(document))].filter((name) => !known.has(name));
    throw new DomainError('principal-not-found', { ...error.facts, ...(orphans.length > 0 ? { orphans } : { added }) });
  };

function refusalOf(findings: readonly PolicyFinding[], document: PolicyDocument): DomainError {
  const text = findings.map(({ check, message }) => `${check} ${message}`).join(' ');
  const message = findings.map((finding) => finding.message).join(' ');
  const caller = findings.find(({ lockedOut }) => lockedOut !== undefined)?.lockedOut;
  if (/lock|self/i.test(text)) return new DomainError('policy-locks-out-caller', { findings: message, caller });
  if (findings.some(isBroad)) return publicPolicy(document, { facts: { findings: message } });
  return new DomainError('policy-malformed', { by: 'check', message });
}
