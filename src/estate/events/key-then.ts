import { isPolicyDocument, type PolicyDocument } from '../../policy/document.ts';
import { type Detail, readJson } from './change-event.ts';

/** How a key is after a change. */
export type KeyThen =
  | { policy: PolicyDocument }
  | { enabled: boolean }
  /** Whether there is a grant of this id. */
  | { grantId: string; isThere: boolean };

/** Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail", its examples of each. */
export function keyAfter(detail: Detail): KeyThen | undefined {
  const { eventName, requestParameters, responseElements, additionalEventData } = detail;
  switch (eventName) {
    case 'PutKeyPolicy': {
      const policy = readJson(requestParameters?.policy ?? '');
      return isPolicyDocument(policy) ? { policy } : undefined;
    }
    case 'CreateGrant':
      return grantThen(responseElements?.grantId, true);
    case 'RevokeGrant':
    case 'RetireGrant':
      return grantThen(requestParameters?.grantId ?? additionalEventData?.grantId, false);
    default:
      // A key whose deletion is called off is disabled.
      return { enabled: eventName === 'EnableKey' };
  }
}

const grantThen = (grantId: string | undefined, isThere: boolean): KeyThen | undefined =>
  grantId === undefined ? undefined : { grantId, isThere };
