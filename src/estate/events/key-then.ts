import { isPolicyDocument, type PolicyDocument } from '../../policy/document.ts';
import { type Detail, readJson } from './change-event.ts';

/** How a key is after a change. */
export type KeyThen =
  | { policy: PolicyDocument }
  | { enabled: boolean }
  /** The key that its alias stands for, by id or ARN; null for none. */
  | { target: string | null }
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
    case 'CreateAlias':
    case 'UpdateAlias':
      return requestParameters?.targetKeyId === undefined ? undefined : { target: requestParameters.targetKeyId };
    case 'DeleteAlias':
      return { target: null };
    case 'EnableKey':
      return { enabled: true };
    case 'ImportKeyMaterial':
      // Of several materials another may still be missing.
      return undefined;
    default:
      // Disabled, or to be deleted; that too is disabled once it is called off. Or its material is gone.
      return { enabled: false };
  }
}

const grantThen = (grantId: string | undefined, isThere: boolean): KeyThen | undefined =>
  grantId === undefined ? undefined : { grantId, isThere };
