/** One holder per secret at a time, over all replicas of the service. */
export interface SecretLock {
  /** @throws DomainError overloaded when the lock is not free within the time limit; audit-unavailable when the database is lost */
  withLock<T>(secretArn: string, work: (held: HeldLock) => Promise<T>): Promise<T>;
}

export type HeldLock = {
  /** Called right before AWS is asked to change anything. @throws DomainError audit-unavailable when the lock was lost */
  assertHeld(): void;
};
