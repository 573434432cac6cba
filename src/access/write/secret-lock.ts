/** One holder per secret at a time, over all replicas of the service. */
export interface SecretLock {
  /**
   * @param how.isIncident it does not wait for all that was asked before it, where locks are short
   * @throws DomainError overloaded when the lock is not free within the time limit; audit-unavailable when the database is lost
   */
  withLock<T>(secretArn: string, work: (held: HeldLock) => Promise<T>, how?: { isIncident?: boolean }): Promise<T>;
}

export type HeldLock = {
  /**
   * Asks the database, right before AWS is asked to change anything, and before anything is recorded that was read under
   * the lock. Whoever gets the lock after a confirmation sees the intent that was durable before it.
   * @throws DomainError audit-unavailable when the lock was lost
   */
  confirm(): Promise<void>;
  /** A write ended without an answer and may land yet: nobody else gets the lock before it no longer can. */
  mayLandLate(): void;
};
