import type { FactsByCode } from '../../problems/table.ts';
import { parseArn } from '../arn.ts';
import { asArray, principalsNamedIn, type Statement } from '../document.ts';
import { isUniqueId } from './principal.ts';

/**
 * What people take for a principal, and what no secret's policy can name. Source: IAM User Guide, "AWS JSON policy
 * elements: Principal": no groups, no wildcard for a part of a name; an identity provider is named by the trust policy of
 * a role, a canonical user id by Amazon S3. A unique id may be of somebody who is there: AWS would write the ARN in its place, so
 * that nobody could tell beforehand whom a document lets in.
 */
type Unnameable = FactsByCode['principal-not-nameable'];

/** Undefined for a principal, and for a typing error. */
export function unnameable(name: string): Unnameable | undefined {
  const kind = kindOf(name);
  return kind && { name, kind };
}

function kindOf(name: string): Unnameable['kind'] | undefined {
  if (/^[0-9a-f]{64}$/.test(name)) return 'canonicalUser';
  if (WEB_IDENTITY.test(name)) return 'identityProvider';
  if (isUniqueId(name)) return 'uniqueId';
  const { service = '', resource = '' } = parseArn(name) ?? {};
  if (service !== 'iam' && service !== 'sts') return undefined;
  if (/^assumed-role\/[^/*?]+\/.*[*?]/.test(resource)) return 'sessions';
  if (/[*?]/.test(name)) return 'wildcard';
  if (resource.startsWith('group/')) return 'group';
  if (resource.startsWith('instance-profile/')) return 'instanceProfile';
  return /^(?:saml|oidc)-provider\//.test(resource) ? 'identityProvider' : undefined;
}

/** IAM User Guide, "Principal", on OIDC federated principals. */
const WEB_IDENTITY =
  /^(?:cognito-identity\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|accounts\.google\.com)$/;

/** The first of the kind in statements. What AWS has attached already it has taken: that may stay. */
export function unnameableIn(statements: readonly Statement[], attached: readonly Statement[]): Unnameable | undefined {
  const taken = unnameablesOf(attached).map(({ name }) => name);
  return unnameablesOf(statements).find(({ name }) => !taken.includes(name));
}

const unnameablesOf = (statements: readonly Statement[]): Unnameable[] =>
  statements
    .flatMap(principalsNamedIn)
    .flatMap(({ AWS, Federated, CanonicalUser }) => [
      ...asArray(AWS).flatMap((name) => unnameable(name) ?? []),
      ...asArray(Federated).map((name) => ({ name, kind: 'identityProvider' as const })),
      ...asArray(CanonicalUser).map((name) => ({ name, kind: 'canonicalUser' as const })),
    ]);
