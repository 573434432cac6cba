import t from 'tap';
import { createMemory } from '../src/access/looks/memory.ts';
import { createToldList } from '../src/estate/places/told-list.ts';
import { createCallerMemory } from '../src/estate/survey/caller-memory.ts';
import { DomainError } from '../src/problems/problem.ts';

const HOUR_MS = 3_600_000;

/** A clock at ten, which somebody puts back by an hour. */
function clockAtTen() {
  let now = 10 * HOUR_MS;
  return {
    clock: () => new Date(now),
    putBack: () => {
      now -= HOUR_MS;
    },
  };
}

t.test('what is remembered is asked for anew after the clock was put back', async (t) => {
  const { clock, putBack } = clockAtTen();
  const { once } = createMemory({ ttlMs: 15_000, max: 10, clock });
  t.equal(await once('mary', async () => 'may read'), 'may read');
  t.equal(await once('mary', async () => 'may not'), 'may read');
  putBack();
  t.equal(await once('mary', async () => 'may not'), 'may not');
});

t.test('a list that AWS tells is asked for anew, and so is who we are', async (t) => {
  const { clock, putBack } = clockAtTen();
  let regions = ['us-east-1'];
  const list = createToldList({ list: async () => regions, before: async () => undefined, clock });
  let isAway = true;
  const callerIn = createCallerMemory(async () => {
    if (isAway) throw new DomainError('aws-unreachable', { action: 'sts:GetCallerIdentity' });
    return 'arn:aws:iam::111111111111:role/service';
  }, clock);
  t.strictSame([await list.all(), await callerIn('111111111111')], [['us-east-1'], null]);
  [regions, isAway] = [['eu-west-1'], false];
  t.equal(await callerIn('111111111111'), null);
  putBack();
  await list.all();
  t.strictSame(
    [await list.all(), await callerIn('111111111111')],
    [['eu-west-1'], 'arn:aws:iam::111111111111:role/service'],
  );
});
