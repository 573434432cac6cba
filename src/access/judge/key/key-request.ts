import { type PolicyDocument, statementsOf, testsOf } from '../../../policy/document.ts';
import type { JudgedCall } from '../../../policy/evaluate/evaluation.ts';
import type { SecretPlace } from '../../secret.ts';
import { clockKeys } from '../judged-call.ts';
import type { Reader } from '../reader.ts';
import { VERSION_KEY } from './grant-statement.ts';

type Context = JudgedCall['context'];

/**
 * The values that `kms:ViaService` may have. Of China AWS's documents do not say whether they end like its endpoints there:
 * both are asked for.
 */
export const viaServices = ({ region, partition }: Pick<SecretPlace, 'region' | 'partition'>): string[] => {
  const service = `secretsmanager.${region}.amazonaws.com`;
  return partition === 'aws-cn' ? [service, `${service}.cn`] : [service];
};

/**
 * What is known of the calls that Secrets Manager makes to KMS in the reader's name (User Guide, "Encryption context" and
 * "Permissions for the KMS key"): a forward access session, with the reader's identity and permissions (IAM User Guide).
 * @param policies whose conditions may ask for more of the encryption context than Secrets Manager sends
 */
export const keyContext = (
  { place, at }: { place: SecretPlace; at: Date },
  { caller, context }: Pick<Reader, 'caller' | 'context'>,
  policies: readonly (PolicyDocument | null)[],
): Context => ({
  ...absentKeys(policies),
  ...clockKeys(at),
  ...context,
  'aws:RequestedRegion': place.region,
  'aws:ViaAWSService': 'true',
  'kms:ViaService': { globs: viaServices(place) },
  'kms:EncryptionContext:SecretARN': place.arn,
  [VERSION_KEY]: { globs: ['*'] },
  'kms:EncryptionContextKeys': ['SecretARN', 'SecretVersionId'],
  ...(caller.type !== 'service' && SERVICES_ONLY),
  ...(caller.account !== '' && { 'kms:CallerAccount': caller.account }),
});

/**
 * Keys that only calls have which a service makes by itself; Secrets Manager calls as its caller (IAM User Guide, "AWS
 * global condition context keys", aws:SourceArn).
 */
const SERVICES_ONLY: Context = { 'aws:SourceArn': [], 'aws:SourceAccount': [] };

const FURTHER_PAIR = /^kms:EncryptionContext:(?!(?:SecretARN|SecretVersionId)$)/i;

function absentKeys(policies: readonly (PolicyDocument | null)[]): Context {
  const asked = policies
    .flatMap(statementsOf)
    .flatMap(testsOf)
    .map(({ key }) => key);
  return Object.fromEntries(asked.filter((key) => FURTHER_PAIR.test(key)).map((key) => [key, []]));
}
