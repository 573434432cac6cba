/**
 * Changes that are followed by what is done about key grants, from before AWS is asked until that is done: what is still there later
 * nobody works on any more. Only a hint of where to look: it is acted on by what journal, policy and key say.
 * Each method @throws DomainError audit-unavailable.
 */
export interface GrantsDue {
  note(secretArn: string, changeIds: readonly string[], now: Date): Promise<void>;
  done(changeId: string): Promise<void>;
  /** The oldest first. */
  notedBefore(time: Date, limit: number): Promise<{ changeId: string; secretArn: string }[]>;
}
