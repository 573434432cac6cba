import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import type { AwsError } from '../protocol/errors.ts';
import type { WireCall } from '../protocol/json-protocol.ts';
import { requestParameters, responseElements } from './parameters.ts';
import { foreignIdentity, userIdentity } from './user-identity.ts';

export type Outcome = { answer: object } | { error: AwsError };
/** What a call was about: `owner` is its account, `keyArn` is there for a key. */
export type Subject = { owner: string; keyArn?: string | undefined };

export type TrailRecord = ReturnType<typeof recordFor>;

/** Whether a call changes a secret or a key, or tries to. */
export const isChange = ({ service, operation }: Pick<WireCall, 'service' | 'operation'>): boolean =>
  (service === 'secretsmanager' || service === 'kms') && !/^(?:Get|List|Describe|Validate|BatchGet)/.test(operation);

/**
 * One call as CloudTrail records it: in the caller's account, and in the owner's where that is another one and lets it.
 * That Secrets Manager's calls are recorded in both, as those of KMS, is assumed.
 * Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events".
 */
export function trailRecords(call: Call, wire: WireCall, subject: Subject, outcome: Outcome): TrailRecord[] {
  const { account } = call.caller;
  const accounts = 'error' in outcome ? [account] : [...new Set([account, subject.owner])];
  const sharedEventID = accounts.length > 1 ? randomUUID() : undefined;
  return accounts.map((recipient) => recordFor(call, wire, subject, outcome, recipient, sharedEventID));
}

function recordFor(
  { caller, now, region, network, action }: Call,
  { service, operation, input, userAgent, requestId }: WireCall,
  { owner, keyArn }: Subject,
  outcome: Outcome,
  recipientAccountId: string,
  sharedEventID: string | undefined,
) {
  const failed = 'error' in outcome;
  const source = 'sourceIp' in network ? network.sourceIp : network.vpcSourceIp;
  return {
    eventVersion: '1.11',
    userIdentity: caller.account === recipientAccountId ? userIdentity(caller) : foreignIdentity(caller),
    eventTime: now.toISOString().replace(/\.\d+/, ''),
    eventSource: `${service}.amazonaws.com`,
    eventName: operation,
    awsRegion: region,
    sourceIPAddress: source,
    userAgent,
    ...(failed && { errorCode: shownCode(outcome.error.code), errorMessage: outcome.error.message }),
    requestParameters: requestParameters(input),
    responseElements: failed ? null : responseElements(action, outcome.answer, keyArn),
    requestID: requestId,
    eventID: randomUUID(),
    readOnly: !isChange({ service, operation }),
    ...(keyArn !== undefined && { resources: [{ accountId: owner, type: 'AWS::KMS::Key', ARN: keyArn }] }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId,
    ...(sharedEventID !== undefined && { sharedEventID }),
    ...('vpcEndpoint' in network && { vpcEndpointId: network.vpcEndpoint }),
    eventCategory: 'Management',
  };
}

/** CloudTrail's name for what the JSON protocol calls AccessDeniedException. */
const shownCode = (code: string): string => (code === 'AccessDeniedException' ? 'AccessDenied' : code);
