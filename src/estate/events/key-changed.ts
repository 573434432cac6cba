import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EstateSearch } from '../estate-index.ts';
import type { EstateLook } from '../survey/look.ts';
import type { KeyChange, KeyLook, KeyName } from '../survey/seen-keys.ts';

/** Secrets read from the index at once. */
const CHUNK = 50;

/**
 * Reads a key again, and judges anew the secrets under it by what was last seen of them: no policy is asked for.
 * @returns nothing for a key under which no survey has met a secret
 */
export function createKeyChange(deps: {
  keyLook: Pick<KeyLook, 'changed'>;
  search: Pick<EstateSearch, 'underKey'>;
  look: Pick<EstateLook, 'noted'>;
}): (arn: string) => Promise<KeyChange[]> {
  async function judgeAnew(name: KeyName): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const some = await deps.search.underKey({ name, after, limit: CHUNK });
      for (const { secret, policy, exposure, problem, asOf } of some)
        if (exposure !== null && problem === null) await deps.look.noted(secret, policy, asOf);
      await nextTurn();
      after = some.length < CHUNK ? undefined : some.at(-1)?.secret.arn;
    }
  }

  return async (arn) => {
    const changes = await deps.keyLook.changed(arn);
    for (const { name } of changes) await judgeAnew(name);
    return changes;
  };
}
