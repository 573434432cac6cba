import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import type { Secret } from '../secret.ts';
import type { HeldLock } from './secret-lock.ts';

/** What ValidateResourcePolicy finds wrong. `lockedOut`: the ARN of who could not change the policy again, where that is known. */
export type PolicyFinding = { check: string; message: string; lockedOut?: string };
export type AwsReceipt = { awsRequestId: string | null };

export const MAY_BE_PUBLIC = { mayBePublic: true } as const;

/**
 * Resource policies of secrets, one AWS call a method. `arn` is always a full secret ARN. Like every port it fails with a
 * DomainError, never with the error of the library behind it.
 */
export interface SecretPolicies {
  /** @param secretId a name (in the service's own account and Region) or a full ARN. @throws DomainError secret-not-found */
  describe(secretId: string): Promise<Secret>;
  /** null when no policy is attached. Never null because of an error: it throws instead. */
  get(arn: string): Promise<PolicyDocument | null>;
  /**
   * Replaces the whole policy, with BlockPublicPolicy. `text` is the JSON to attach, at most 20,480 characters. `held` is
   * asserted before every attempt: a later one of a replica that lost its lock would undo what the next holder did.
   * MAY_BE_PUBLIC leaves BlockPublicPolicy out.
   */
  put(arn: string, text: string, held?: HeldLock, how?: typeof MAY_BE_PUBLIC): Promise<AwsReceipt>;
  /** Detaches the policy; succeeds when there is none. `held` as in `put`. */
  delete(arn: string, held?: HeldLock): Promise<AwsReceipt>;
  /** AWS's own ValidateResourcePolicy; empty when it passes. */
  validate(arn: string, text: string): Promise<PolicyFinding[]>;
}

/** For `catch`: null for a secret that is not there. @throws whatever else it was */
export function ifGone(error: unknown): null {
  if (error instanceof DomainError && error.code === 'secret-not-found') return null;
  throw error;
}
