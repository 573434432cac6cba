import type { Call } from './call.ts';
import { cloudTrailOperations } from './cloudtrail/index.ts';
import { ec2Operations } from './ec2/index.ts';
import { iamOperations } from './iam/index.ts';
import { kmsOperations } from './kms/index.ts';
import { organizationsOperations } from './organizations/index.ts';
import type { AwsOperation } from './protocol/input.ts';
import type { WireCall } from './protocol/json-protocol.ts';
import { secretsManagerOperations } from './secrets-manager/index.ts';
import { sqsOperations } from './sqs/index.ts';
import { stsOperations } from './sts/index.ts';

/** What the stand-in answers, by service. */
export const SERVICES: Record<WireCall['service'], { title: string; operations: Record<string, AwsOperation<Call>> }> =
  {
    secretsmanager: { title: 'AWS Secrets Manager', operations: secretsManagerOperations },
    kms: { title: 'AWS Key Management Service', operations: kmsOperations },
    sqs: { title: 'Amazon Simple Queue Service', operations: sqsOperations },
    cloudtrail: { title: 'AWS CloudTrail', operations: cloudTrailOperations },
    organizations: { title: 'AWS Organizations', operations: organizationsOperations },
    ec2: { title: 'Amazon EC2', operations: ec2Operations },
    iam: { title: 'AWS Identity and Access Management', operations: iamOperations },
    sts: { title: 'AWS Security Token Service', operations: stsOperations },
  };
