import type { SeenEstate, SeenSecret } from '../access/incidents/targets.ts';
import { edgesTo } from './edges.ts';
import type { EstateIndex, EstateSearch, IndexedSecret } from './estate-index.ts';
import type { OwnChanges } from './own-changes.ts';
import type { EstatePlaces } from './place.ts';

const CHUNK = 50;

/** The estate as incidents choose from it: what is in the index, and what may be missing there. */
export function createSeenEstate(deps: {
  index: Pick<EstateIndex, 'find'>;
  search: Pick<EstateSearch, 'list' | 'speaking'>;
  places: Pick<EstatePlaces, 'all'>;
  ownChanges: Pick<OwnChanges, 'settle'>;
}): SeenEstate {
  async function* all(rows: (from: { after: string; limit: number }) => Promise<IndexedSecret[]>) {
    await deps.ownChanges.settle();
    for (let after: string | undefined = ''; after !== undefined; ) {
      const some = await rows({ after, limit: CHUNK });
      yield* some;
      after = some.length < CHUNK ? undefined : some.at(-1)?.secret.arn;
    }
  }
  async function* seen(some: AsyncIterable<IndexedSecret>): AsyncGenerator<SeenSecret> {
    for await (const one of some) yield toSeen(one);
  }

  return {
    async find(arn) {
      await deps.ownChanges.settle();
      const found = await deps.index.find(arn);
      return found && toSeen(found);
    },
    async *having(what) {
      const account = 'account' in what ? what.account : undefined;
      for await (const one of all((from) => deps.search.list({ account, ...from }))) {
        if ('account' in what || hasTag(one, what.tag)) yield toSeen(one);
      }
    },
    speakingOf(reader) {
      const owner = reader.caller.account;
      return seen(all((from) => deps.search.speaking({ ...edgesTo(reader), owner, ...from })));
    },
    async gaps() {
      const places = await deps.places.all();
      if (places.length === 0) return ['No account was surveyed yet.'];
      return places
        .filter(({ finishedAt, problem }) => finishedAt === null || problem !== null)
        .map(({ account, region, problem }) => `${region} of ${account}: ${problem?.detail ?? 'not surveyed yet'}`);
    },
  };
}

const toSeen = ({ secret, policy, exposure }: IndexedSecret): SeenSecret => ({
  secret,
  policy: exposure === null ? undefined : policy,
});

function hasTag({ secret: { tags } }: IndexedSecret, { key, value }: { key: string; value?: string }): boolean {
  return Object.hasOwn(tags, key) && (value === undefined || tags[key] === value);
}
