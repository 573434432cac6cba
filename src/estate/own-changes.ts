import type { Secret } from '../access/secret.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { EstateLook } from './look.ts';
import type { EstatePlaces } from './place.ts';

/** What this service's own changes left attached; undefined where it is not known. */
export type SeenPolicy = { secret: Secret; policy: PolicyDocument | null | undefined; asOf: Date };

export type OwnChanges = {
  note(seen: SeenPolicy): void;
  /** The index shows what was noted by now. Whoever looks waits for that. */
  settle(): Promise<void>;
};

/** Many changes of one secret in a row are one update, unless somebody looks. */
const AFTER_MS = 500;
/** Of as many secrets; of more the next survey tells. */
const KEPT = 10_000;

/** Brings our own changes into the index, outside the way of those who make them. */
export function createOwnChanges(deps: {
  look: Pick<EstateLook, 'noted' | 'again'>;
  places: Pick<EstatePlaces, 'find'>;
  onFailure(secretArn: string, error: unknown): void;
}): OwnChanges {
  const noted = new Map<string, SeenPolicy>();
  let settling = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function bringIn({ secret, policy, asOf }: SeenPolicy): Promise<void> {
    if ((await deps.places.find(secret)) === null) return;
    await (policy === undefined ? deps.look.again(secret.arn) : deps.look.noted(secret, policy, asOf));
  }

  async function bringInAll(): Promise<void> {
    for (const [arn, seen] of noted) {
      noted.delete(arn);
      await bringIn(seen).catch((error) => deps.onFailure(arn, error));
    }
  }

  function settle(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    settling = settling.then(bringInAll);
    return settling;
  }

  return {
    settle,
    note(seen) {
      if (noted.size >= KEPT) return;
      noted.set(seen.secret.arn, seen);
      timer ??= setTimeout(settle, AFTER_MS).unref();
    },
  };
}
