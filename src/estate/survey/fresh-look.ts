import type { Authorizer } from '../../access/guard/authorizer.ts';
import { aboutAccount } from '../../access/guard/visible-secrets.ts';
import type { Identity } from '../../access/identity.ts';
import type { Secret } from '../../access/secret.ts';
import { ifGone, type SecretPolicies } from '../../access/write/secret-policies.ts';
import { parseArn, secretsIn } from '../../policy/arn.ts';
import { wrongField } from '../../problems/wrong-field.ts';
import type { SeenSecrets } from '../estate-index.ts';
import { notOfEstate, type Place } from '../place.ts';
import type { EstateLook } from './look.ts';

/** One secret of a list: its name, or its ARN; `fresh`: AWS is asked about it first. */
export type OneSecret = { secret?: string; fresh?: boolean };

/**
 * Asks AWS about one secret, so that what is answered is as of now; a name is then of the service’s own account and Region.
 * One that the caller may not see is not looked at.
 * @returns what the list goes by: an ARN where AWS is asked, of no secret where there is none of that name
 * @throws DomainError validation-failed without a secret, or where it is not of the estate; aws-…
 */
export type FreshLook = (
  identity: Identity,
  asked: OneSecret,
  sees: (secret: Secret) => boolean,
) => Promise<string | undefined>;

export function createFreshLook(deps: {
  index: Pick<SeenSecrets, 'find'>;
  look: Pick<EstateLook, 'anew'>;
  policies: Pick<SecretPolicies, 'describe'>;
  isOfEstate(place: Place): Promise<boolean>;
  authorizer: Authorizer;
  region: string;
  ownAccount(): Promise<string>;
}): FreshLook {
  return async (identity, { secret: secretId, fresh = false }, sees) => {
    if (!fresh) return secretId;
    if (secretId === undefined) throw needsOne();
    const named = parseArn(secretId);
    const place = named ?? { account: await deps.ownAccount(), region: deps.region };
    if (!(await deps.isOfEstate(place))) throw notOfEstate();
    const arn = named === undefined ? secretsIn(place).replace('*', secretId) : secretId;
    if (!deps.authorizer.decide(aboutAccount(identity, place.account)).allowed) return arn;
    const known = await deps.index.find(arn);
    const secret = known?.secret ?? (await deps.policies.describe(secretId).catch(ifGone));
    if (secret === null || !sees(secret)) return arn;
    await deps.look.anew(secret);
    return secret.arn;
  };
}

const needsOne = () => wrongField('/fresh', 'goes with secret only');
