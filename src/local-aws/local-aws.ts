import type { PolicyDocument } from '../policy/document.ts';
import type { Directory } from './enforcement/iam.ts';
import type { WireCall } from './protocol/json-protocol.ts';

/** A stand-in that runs. */
export type LocalAws = {
  url: string;
  /** Accounts, users, roles and their identity policies: what HTTP does not offer here. */
  directory: Directory;
  servicePolicy: PolicyDocument;
  /** One call without HTTP, as the holder of an access key. @throws AwsError */
  call(
    accessKeyId: string,
    region: string,
    service: WireCall['service'],
    operation: string,
    input: object,
  ): Record<string, unknown>;
  /** Makes a secret one that an AWS service manages (`rds`), which its owner cannot change; null gives it back. */
  setOwningService(secretArn: string, service: string | null): void;
  close(): Promise<void>;
};
