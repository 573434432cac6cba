import type { Requester } from '../identity.ts';

/** What every mutation carries, whatever it does. */
export type CommandBase = {
  changeId: string;
  requester: Requester;
  secretId: string;
  reason: string | null;
  ticket: string | null;
  ifMatch: string | null;
  dryRun: boolean;
};
