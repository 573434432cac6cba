import type { Requester } from './change.ts';

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

/** Reads a principal's account off what the caller wrote, for the guardrails. */
export const accountOf = (principal: string): string | undefined =>
  /^\d{12}$/.test(principal) ? principal : principal.split(':')[4];
