import type { Caller } from '../policy/evaluate/evaluation.ts';
import type { Accounts } from './directory/accounts.ts';
import type { Directory } from './directory/directory.ts';
import type { Organizations } from './directory/organizations.ts';
import type { PrincipalRecord, SessionRecord } from './records.ts';
import type { Store } from './store.ts';

/** Who calls: a user, or a role in a session. */
export type LocalCaller = Caller & {
  accessKeyId: string;
  /** As `User:` of AWS's messages and GetCallerIdentity show it: a session's ARN, or the user's. */
  shownArn: string;
  /** As aws:userid and GetCallerIdentity show it. */
  userId: string;
  principal: PrincipalRecord;
  /** True for credentials that AssumeRole gave. */
  temporary: boolean;
  session?: SessionRecord | undefined;
};

/** Where a call comes from: an address of the internet, or an endpoint in a VPC. */
export type Network = { sourceIp: string } | { vpc: string; vpcEndpoint: string; vpcSourceIp: string };

/** One call that passed authentication. */
export type Call = {
  /** `secretsmanager:GetSecretValue` */
  action: string;
  caller: LocalCaller;
  /** The Region that the credential scope names: which endpoint was meant. */
  region: string;
  partition: string;
  now: Date;
  network: Network;
  userAgent: string;
  /** Of the stand-in, without a slash at its end. */
  url: string;
  /** How long what was written stays unseen, in milliseconds. */
  lagMs: number;
  store: Store;
  accounts: Accounts;
  directory: Directory;
  organizations: Organizations;
};

/** Times in the AWS JSON protocol are seconds since the epoch. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;
