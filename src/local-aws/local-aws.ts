import type { PolicyDocument } from '../policy/document.ts';
import type { Network } from './call.ts';
import type { Accounts } from './directory/accounts.ts';
import type { Directory } from './directory/directory.ts';
import type { Organizations } from './directory/organizations.ts';
import type { WireCall } from './protocol/json-protocol.ts';

/** A stand-in that runs. */
export type LocalAws = {
  url: string;
  /** The organization and the Regions of accounts. */
  accounts: Accounts;
  /** Users, roles and their identity policies: what HTTP does not offer here too. */
  directory: Directory;
  /** Service and resource control policies. */
  organizations: Organizations;
  servicePolicy: PolicyDocument;
  /** One call without HTTP, as the holder of an access key, from 127.0.0.1 unless said otherwise. @throws AwsError */
  call(
    accessKeyId: string,
    region: string,
    service: WireCall['service'],
    operation: string,
    input: object,
    network?: Network,
  ): Record<string, unknown>;
  /**
   * Makes a secret one that an AWS service manages (`rds`); null gives it back. Such services "might" restrict what
   * others may do to it (User Guide, "Secrets managed by other AWS services"): a `closed` one refuses every change, RDS's
   * take resource policies.
   */
  setOwningService(secretArn: string, service: string | null, behaviour?: { closed: boolean }): void;
  /** The policy of a secret as it is kept, whoever it shuts out; to be given back to `keepPolicy`. */
  keptPolicy(secretArn: string): PolicyDocument | null;
  keepPolicy(secretArn: string, kept: PolicyDocument | null): void;
  /** Why the last rotation of a secret stopped; undefined when it ended well, or when there was none. */
  rotationFault(secretArn: string): string | undefined;
  /** How many calls of ReceiveMessage wait for a message. */
  waitingReceivers(): number;
  close(): Promise<void>;
};
