/** When to look at a secret again. Each method @throws DomainError audit-unavailable. */
export interface FollowUps {
  /** Entries of the secret that expire at these times are about to be attached. */
  noteExpiries(secretArn: string, times: readonly Date[]): Promise<void>;
  /** Secrets with entries that have expired. */
  expired(now: Date, limit: number): Promise<string[]>;
  forgetExpiries(secretArn: string, until: Date): Promise<void>;
  /** Remembers orphaned entries, and says since when each has been seen. */
  noteOrphans(secretArn: string, entryIds: readonly string[], now: Date): Promise<Map<string, Date>>;
}
