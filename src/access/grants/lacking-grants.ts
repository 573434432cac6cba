import type { Entry } from '../../policy/entries/entry.ts';
import { needsKey } from '../../policy/key-use.ts';
import { SYSTEM } from '../identity.ts';
import { keyLegInTurns } from '../judge/key/key-leg.ts';
import type { KeyLooks } from '../judge/key/keys.ts';
import { viewKeys } from '../judge/key/view-key.ts';
import type { Leg } from '../judge/legs/leg.ts';
import { readerOf } from '../judge/reader.ts';
import type { Secret } from '../secret.ts';
import { isOfPrincipal } from './grants-at-key.ts';
import { isOpen } from './legs-of-change.ts';

/** The key legs of a share that a grant would make. */
export async function lackingGrants(keys: KeyLooks, secret: Secret, share: Entry, now: Date): Promise<Leg[]> {
  if (!isOfPrincipal(share)) return [];
  const reader = readerOf(share.principal, secret.partition);
  const views = await viewKeys(keys, secret, share.actions, now);
  const legs = await Promise.all(views.map((view) => keyLegInTurns(view, reader, SYSTEM.identity)));
  return legs.map(({ leg }) => leg).filter((leg) => isOpen(leg) && leg.statement !== undefined);
}

/**
 * Of shares that are gone, those whose grants nobody needs any more. A share of the same principal that stands may have taken the place of
 * one (`extendEntry`), and read by its grant: that goes with the principal's last.
 */
export const withoutHeirs = (gone: readonly Entry[], standing: readonly Entry[]): Entry[] =>
  gone.filter(({ principal }) => !standing.some((other) => other.principal === principal && needsKey(other.actions)));
