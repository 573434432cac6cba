import type { Requester } from '../identity.ts';

/** What every mutation carries, whatever it does. */
export type CommandBase = {
  /** UUIDv7; chosen before anything is done, so that a crash can be traced. */
  changeId: string;
  requester: Requester;
  /** A name or ARN, as the caller gave it. */
  secretId: string;
  reason: string | null;
  ticket: string | null;
  /** The value of If-Match: `*`, or entity tags in their quotes; null when the caller did not send it. */
  ifMatch: string | null;
  dryRun: boolean;
};
