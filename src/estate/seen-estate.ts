import type { SeenEstate, SeenSecret } from '../access/incidents/plan/targets.ts';
import { ANYBODY, SERVICE } from './edges.ts';
import type { EstateGaps, EstateSearch, IndexedSecret, SeenSecrets } from './estate-index.ts';
import type { OwnChanges } from './own-changes.ts';
import type { EstatePlaces } from './place.ts';
import type { EstateAccounts } from './places/accounts.ts';
import type { EstateRegions } from './places/regions.ts';

const CHUNK = 50;
/** Secrets that could not be looked at, and are counted. */
const MOST_FAILED = 1_000;

/** The estate as incidents choose from it: what is in the index, and what may be missing there. */
export function createSeenEstate(deps: {
  index: Pick<SeenSecrets, 'find'> & EstateGaps;
  search: Pick<EstateSearch, 'list' | 'speaking'>;
  places: Pick<EstatePlaces, 'all'>;
  ownChanges: Pick<OwnChanges, 'settle'>;
  organization: EstateAccounts['organization'];
  enabledRegions: EstateRegions['state'];
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

  /** Where AWS does not say what there is: something may have come to it since. */
  function untold(): string[] {
    const { problem = null } = deps.organization() ?? {};
    const { failures = [] } = deps.enabledRegions() ?? {};
    return [
      ...(problem === null ? [] : [`Which accounts the organization has by now: ${problem.detail}`]),
      ...failures.map(({ account, detail }) => `Which Regions ${account} has enabled by now: ${detail}`),
    ];
  }

  return {
    async find(arn) {
      await deps.ownChanges.settle();
      const found = await deps.index.find(arn);
      return found && { ...toSeen(found), asOf: found.asOf };
    },
    async *having(what) {
      const account = 'account' in what ? what.account : undefined;
      for await (const one of all((from) => deps.search.list({ account, ...from }))) {
        if ('account' in what || hasTag(one, what.tag)) yield toSeen(one);
      }
    },
    near(account) {
      const near = { principals: [], accounts: [account, ANYBODY, SERVICE], owner: account };
      return seen(all((from) => deps.search.speaking({ ...near, ...from })));
    },
    async gaps() {
      const [places, { failed }] = await Promise.all([deps.places.all(), deps.index.gaps(MOST_FAILED)]);
      if (places.length === 0) return ['No account was surveyed yet.'];
      const unseen = places
        .filter(({ finishedAt, problem }) => finishedAt === null || problem !== null)
        .map(({ account, region, problem }) => `${region} of ${account}: ${problem?.detail ?? 'not surveyed yet'}`);
      return [...untold(), ...unseen, ...unreadIn(failed)];
    },
  };
}

/** Not by name: whoever asks may not know of them. */
function unreadIn(failed: readonly IndexedSecret[]): string[] {
  const byPlace = Map.groupBy(failed, ({ secret: { account, region } }) => `${region} of ${account}`);
  const count = (some: readonly IndexedSecret[]) =>
    `secrets that could not be looked at: ${some.length}${failed.length === MOST_FAILED ? ' or more' : ''} (GET /v1/estate says which)`;
  return [...byPlace].map(([place, some]) => `${place}: ${count(some)}`);
}

const toSeen = ({ secret, policy, exposure }: IndexedSecret): SeenSecret => ({
  secret,
  policy: exposure === null ? undefined : policy,
});

function hasTag({ secret: { tags } }: IndexedSecret, { key, value }: { key: string; value?: string }): boolean {
  return Object.hasOwn(tags, key) && (value === undefined || tags[key] === value);
}
