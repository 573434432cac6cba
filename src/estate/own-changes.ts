import type { Secret } from '../access/secret.ts';
import type { Clock } from '../clock.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { EstatePlaces } from './place.ts';
import type { EstateLook } from './survey/look.ts';
import type { KeyLook } from './survey/seen-keys.ts';

/** What this service's own changes left attached; undefined where it is not known. */
type SeenPolicy = { secret: Secret; policy: PolicyDocument | null | undefined; asOf: Date };

/** As much of a secret as tells where it is. */
type Located = Pick<Secret, 'arn' | 'account' | 'region'>;

export type OwnChanges = {
  note(seen: SeenPolicy): void;
  /** Grants on the keys of a secret were made or revoked, or may have been. */
  noteGrants(secret: Secret): void;
  /** What became of changes of it, whose process died, was found out. */
  noteSettled(secret: Located): void;
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
  keyLook: Pick<KeyLook, 'forget' | 'anew'>;
  places: Pick<EstatePlaces, 'find'>;
  clock: Clock;
  onFailure(secretArn: string, error: unknown): void;
}): OwnChanges {
  const noted = new Map<string, SeenPolicy>();
  const granted = new Map<string, Secret>();
  const settled = new Map<string, Located>();
  let settling = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function bringIn({ secret, policy, asOf }: SeenPolicy): Promise<void> {
    if ((await deps.places.find(secret)) === null) return;
    if (policy === undefined) await deps.look.again(secret.arn);
    else await deps.look.noted(secret, policy, asOf);
  }

  /** What was seen of the keys is so no more, also where they can't be looked at now. */
  async function bringInGrants(secret: Secret): Promise<void> {
    if ((await deps.places.find(secret)) === null) return;
    if (!noted.has(secret.arn)) noted.set(secret.arn, { secret, policy: undefined, asOf: deps.clock() });
    await deps.keyLook.forget(secret);
    await deps.keyLook.anew(secret);
  }

  async function lookAgain(secret: Located): Promise<void> {
    if ((await deps.places.find(secret)) !== null) await deps.look.again(secret.arn);
  }

  async function takeAll<Seen>(from: Map<string, Seen>, bring: (seen: Seen) => Promise<void>): Promise<void> {
    for (const [arn, seen] of from) {
      from.delete(arn);
      await bring(seen).catch((error) => deps.onFailure(arn, error));
    }
  }

  async function bringInAll(): Promise<void> {
    // Keys first: no finding opens and closes in between.
    await takeAll(granted, bringInGrants);
    await takeAll(noted, bringIn);
    await takeAll(settled, lookAgain);
  }

  function keep<Seen>(to: Map<string, Seen>, arn: string, seen: Seen): void {
    if (to.size >= KEPT) return;
    to.set(arn, seen);
    timer ??= setTimeout(settle, AFTER_MS).unref();
  }

  function settle(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    settling = settling.then(bringInAll);
    return settling;
  }

  return {
    settle,
    note: (seen) => keep(noted, seen.secret.arn, seen),
    noteGrants: (secret) => keep(granted, secret.arn, secret),
    noteSettled: (secret) => keep(settled, secret.arn, secret),
  };
}
