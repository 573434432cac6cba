import type { Requester } from '../write/change.ts';

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
