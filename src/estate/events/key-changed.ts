import { setImmediate as nextTurn } from 'node:timers/promises';
import { placesOf, type Secret } from '../../access/secret.ts';
import type { EstateSearch } from '../estate-index.ts';
import type { EstateLook } from '../survey/look.ts';
import { isKeyOf, type KeyLook, type KeyName } from '../survey/seen-keys.ts';

/** Secrets read from the index at once. */
const CHUNK = 50;

/**
 * Reads a key again, and judges anew the secrets under it by what was last seen of them: no policy is asked for.
 * @returns `unknown` for a key under which no survey has met a secret
 */
export function createKeyChange(deps: {
  keyLook: Pick<KeyLook, 'changed'>;
  search: Pick<EstateSearch, 'list'>;
  look: Pick<EstateLook, 'noted'>;
}): (arn: string) => Promise<'unknown' | 'as-before' | 'changed'> {
  async function judgeAnew(account: string, names: readonly KeyName[]): Promise<void> {
    const isUnder = (secret: Secret) => placesOf(secret).some((place) => names.some((name) => isKeyOf(name, place)));
    for (let after: string | undefined = ''; after !== undefined; ) {
      const some = await deps.search.list({ account, after, limit: CHUNK });
      for (const { secret, policy, exposure, problem, asOf } of some)
        if (exposure !== null && problem === null && isUnder(secret)) await deps.look.noted(secret, policy, asOf);
      await nextTurn();
      after = some.length < CHUNK ? undefined : some.at(-1)?.secret.arn;
    }
  }

  return async (arn) => {
    const { names, isOther } = await deps.keyLook.changed(arn);
    for (const [account, some] of Map.groupBy(names, (name) => name.account)) await judgeAnew(account, some);
    if (names.length === 0) return 'unknown';
    return isOther ? 'changed' : 'as-before';
  };
}
