import type { EstateIndex } from '../estate-index.ts';
import type { EstatePlaces, Place, PlaceClaims } from '../place.ts';
import type { EstateLook } from '../survey/look.ts';

/** The estate is of these places: what was known of others is over, and on record so. @throws DomainError audit-unavailable */
export type PlaceKeeper = (ours: readonly Place[]) => Promise<void>;

/** Whenever its secrets were met. */
const EVER = new Date(8_640_000_000_000_000);

export function createPlaceKeeper(deps: {
  places: Pick<EstatePlaces, 'keep' | 'drop'> & Pick<PlaceClaims, 'claim' | 'progress'>;
  index: Pick<EstateIndex, 'forgetUnseen'>;
  look: Pick<EstateLook, 'leaving'>;
}): PlaceKeeper {
  const { places, index, look } = deps;
  return async (ours) => {
    for (const place of await places.keep(ours)) {
      // One replica says that it is over, where several keep.
      if ((await places.claim(place)) === null) continue;
      await index.forgetUnseen(place, EVER, async (secrets) => {
        await places.progress(place);
        await look.leaving(secrets);
      });
      await places.drop(place);
    }
  };
}
