import type { Authorizer } from '../access/guard/authorizer.ts';
import { aboutAccount } from '../access/guard/visible-secrets.ts';
import type { Identity } from '../access/identity.ts';
import type { Secret } from '../access/secret.ts';
import { parseArn } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import type { EstateIndex } from './estate-index.ts';
import type { EstateLook } from './look.ts';
import { type EstatePlaces, notOfEstate } from './place.ts';

/** One secret of a list: its name, or its ARN; `fresh`: AWS is asked about it first. */
export type OneSecret = { secret?: string; fresh?: boolean };

/**
 * Asks AWS about one secret, so that what is answered is as of now. One that the caller may not see is not looked at.
 * @returns what the list goes by: the ARN, where AWS knows it
 * @throws DomainError validation-failed without a secret, or where it is not of the estate; aws-…
 */
export type FreshLook = (
  identity: Identity,
  asked: OneSecret,
  sees: (secret: Secret) => boolean,
) => Promise<string | undefined>;

export function createFreshLook(deps: {
  index: Pick<EstateIndex, 'find'>;
  look: Pick<EstateLook, 'again' | 'gone'>;
  places: Pick<EstatePlaces, 'find'>;
  authorizer: Authorizer;
  ownAccount(): Promise<string>;
}): FreshLook {
  /** Nobody but the estate's own accounts is asked. */
  const mayUse = async (identity: Identity, secret: string): Promise<boolean> => {
    const place = parseArn(secret);
    if (place !== undefined && (await deps.places.find(place)) === null) throw notOfEstate();
    const account = place?.account ?? (await deps.ownAccount());
    return deps.authorizer.decide(aboutAccount(identity, account)).allowed;
  };

  return async (identity, { secret, fresh = false }, sees) => {
    if (!fresh) return secret;
    if (secret === undefined) throw needsOne();
    const known = await deps.index.find(secret);
    const isSeen = known === null ? await mayUse(identity, secret) : sees(known.secret);
    if (!isSeen) return secret;
    try {
      return await deps.look.again(secret);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'secret-not-found') throw error;
      await deps.look.gone(secret);
      return secret;
    }
  };
}

const needsOne = () =>
  new DomainError('validation-failed', { errors: [{ path: '/fresh', message: 'goes with secret only' }] });
