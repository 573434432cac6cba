import type { World } from './world.ts';

/** The smallest world that still fails: parts are taken away one after another until none can be. */
export async function shrink(world: World, fails: (world: World) => Promise<boolean>): Promise<World> {
  const size = JSON.stringify(world).length;
  for (const smaller of candidates(world)) {
    if (JSON.stringify(smaller).length < size && (await stillFails(smaller, fails))) return shrink(smaller, fails);
  }
  return world;
}

/** A world that can't be set up is no smaller example. */
const stillFails = (world: World, fails: (world: World) => Promise<boolean>): Promise<boolean> =>
  fails(world).catch(() => false);

function* candidates(world: World): Generator<World> {
  if (Object.keys(world.identities).length > 0) yield { ...world, identities: {} };
  if (Object.keys(world.boundaries).length > 0) yield { ...world, boundaries: {} };
  if (world.limits !== null) yield { ...world, limits: null };
  if (world.former !== null) yield { ...world, former: null };
  if (world.questions.length > 0) yield { ...world, questions: [] };
  if (world.change !== null) yield { ...world, change: null };
  if (world.replica !== null) yield { ...world, replica: null };
  if (world.key.type === 'customer') {
    yield {
      ...world,
      key: { ...world.key, statements: [], grants: [], state: 'Enabled', foreign: false, namedBy: 'arn' },
    };
  }
  if (Object.values(world.organizations).some((organization) => organization !== null)) {
    yield {
      ...world,
      organizations: Object.fromEntries(Object.keys(world.organizations).map((account) => [account, null])),
    };
  }
  yield* withoutOne(world) as Generator<World>;
}

/** Without one item of a list, or one member of a condition, an identity policy or an entry's body. */
function* withoutOne(value: unknown, path = ''): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const smaller of withoutOne(item, path)) yield value.with(index, smaller);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (
        /^(\/identities|\/boundaries|\/limits\/\w+|.*\/(Condition|body))$/.test(path) ||
        name === 'Condition' ||
        name === 'Constraints'
      ) {
        const { [name]: _, ...rest } = value as Record<string, unknown>;
        yield rest;
      }
      for (const smaller of withoutOne(member, `${path}/${name}`)) yield { ...value, [name]: smaller };
    }
  }
}
