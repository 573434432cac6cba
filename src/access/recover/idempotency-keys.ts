import type { AskedGuardrails } from '../guard/asked-guardrails.ts';

type StoredResponse = {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** What the guardrails let the request do. */
  asked: AskedGuardrails;
};

/** Whose key: the same key of another subject is another key. */
export type IdempotencyClaim = { subject: string; key: string };

export type ClaimedKey =
  | { state: 'started' }
  | { state: 'replay'; response: StoredResponse }
  | { state: 'inFlight'; changeId: string }
  | { state: 'mismatch' }
  | { state: 'abandoned'; changeId: string };

/** Answers that are kept for Idempotency-Keys, over all replicas. Each method @throws DomainError audit-unavailable. */
export interface IdempotencyKeys {
  /**
   * Claims a key for one request. Of several callers exactly one gets `started`, or `abandoned` when the process that
   * had the key died: that one now owns it and finishes the change `changeId`. `fingerprint` stands for the request.
   */
  begin(claim: IdempotencyClaim & { fingerprint: string; changeId: string }): Promise<ClaimedKey>;
  /** Keeps the answer for 24 h after `begin`. False when another replica has taken the key over meanwhile: its answer stands. */
  complete(claim: IdempotencyClaim, response: StoredResponse): Promise<boolean>;
  /** The owner of an abandoned key found nothing to finish, and does the request as another change. */
  restart(claim: IdempotencyClaim, changeId: string): Promise<void>;
  /** Leaves the key to the next caller, as after a crash: what became of the change is not known yet. */
  abandon(claim: IdempotencyClaim): Promise<void>;
}
