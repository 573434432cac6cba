import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { SYSTEM } from '../../src/access/identity.ts';
import type { AuditTrail } from '../../src/access/looks/audit-trail.ts';
import { createVisibleEvents } from '../../src/access/looks/visible-events.ts';
import { chainStart, seal } from '../../src/audit/chain.ts';
import { draft, secretNamed } from '../audit/draft.ts';

const EXPORTS = 10;
const SECRETS = 10_000;
/** Where each remembers for itself, it is 30 and more. */
const MOST_MB = 20;

const never = () => Promise.reject(new Error('Nobody asks for that.'));

const { event } = seal(draft(), chainStart, new Date(0));
/** An event of each secret, and one more, so that no stream is at its end. */
const trail: AuditTrail = {
  async *stream() {
    for (let n = 0; n <= SECRETS; n += 1) yield { ...event, secret: secretNamed(`team/${n}`) };
  },
  list: never,
  find: never,
  lastOf: never,
  endsOf: never,
};

t.test('ten exports at once remember little of what each has seen', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const events = createVisibleEvents({
    trail,
    policies: { describe: never },
    authorizer: { readsTags: () => false, decide: () => ({ allowed: true, approval: null, policies: [] }) },
  });
  const before = held();
  const exports = Array.from({ length: EXPORTS }, () =>
    events.stream(SYSTEM.identity, {}, new AbortController().signal)[Symbol.asyncIterator](),
  );
  for (const one of exports) for (let n = 0; n < SECRETS; n += 1) await one.next();
  const took = held() - before;
  t.ok(took <= MOST_MB, `${took} MB`);
  t.notOk((await exports[0]?.next())?.done, 'none has ended');
});
