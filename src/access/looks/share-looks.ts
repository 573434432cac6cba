import type { SecretPolicies } from '../write/secret-policies.ts';
import { shareCalls } from './share-calls.ts';

/** For looks only: those at one policy that come at once share calls, since AWS counts them (share-calls.ts). */
export const shareLooks = (policies: SecretPolicies): SecretPolicies => ({
  ...policies,
  get: shareCalls(policies.get, (arn) => arn),
});
