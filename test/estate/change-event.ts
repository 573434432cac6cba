/** A management event of CloudTrail, as EventBridge delivers it to a queue. */
export type EventFacts = {
  account?: string;
  region?: string;
  source?: 'secretsmanager' | 'kms';
  /** ARN of who did it. */
  by?: string;
  requestId?: string;
  detail?: object;
};

let made = 0;

export function changeEvent(eventName: string, requestParameters: object | null, facts: EventFacts = {}): object {
  const { account = '111111111111', region = 'us-east-1', source = 'secretsmanager', by, requestId } = facts;
  const number = String(++made).padStart(12, '0');
  return {
    ...{ version: '0', id: `e0000000-0000-4000-8000-${number}`, 'detail-type': 'AWS API Call via CloudTrail' },
    ...{ source: `aws.${source}`, account, time: '2026-01-01T00:00:00Z', region, resources: [] },
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        ...{ type: 'IAMUser', principalId: 'AIDAEXAMPLE', accountId: account },
        ...{ arn: by ?? `arn:aws:iam::${account}:user/owner`, userName: 'owner' },
      },
      ...{ eventTime: '2026-01-01T00:00:00Z', eventSource: `${source}.amazonaws.com`, eventName, awsRegion: region },
      ...{ sourceIPAddress: '192.0.2.1', userAgent: 'aws-cli', requestParameters, responseElements: null },
      ...{ requestID: requestId ?? `d0000000-0000-4000-8000-${number}`, eventID: `c0000000-0000-4000-8000-${number}` },
      ...{ readOnly: false, eventType: 'AwsApiCall', managementEvent: true, recipientAccountId: account },
      eventCategory: 'Management',
      ...facts.detail,
    },
  };
}
