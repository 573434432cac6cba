import t from 'tap';
import type { Identity } from '../../src/access/identity.ts';
import { createOperationStore } from '../../src/database/operations/store.ts';
import { onEveryDatabase } from './on-every-database.ts';

const idOf = (index: number) => `01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`;
const caller = (subject: string, issuer: string | null = null): Identity => ({
  ...{ subject, issuer, groups: [], scopes: [] },
  method: issuer === null ? 'apiKey' : 'jwt',
});
const ANN = caller('ann "of" O’Hara');
const SAME_NAME = caller(ANN.subject, 'https://issuer.example');
const item = { secretId: 'prod/db', request: {} };

onEveryDatabase(t, async (t, { open }) => {
  const filled = async (t: Parameters<typeof open>[0]) => {
    const database = await open(t);
    const store = createOperationStore(database, () => new Date(0));
    for (const [index, identity] of [ANN, SAME_NAME, ANN].entries()) {
      const requester = { identity, source: { ip: null, userAgent: null }, requestId: null, traceId: null };
      const order = { id: idOf(index), action: 'share', dryRun: false, reason: null, ticket: null, requester } as const;
      await store.create(order, Array(index + 1).fill(item));
    }
    return store;
  };

  await t.test(
    'a caller’s own, newest first, with their counts; a namesake of another issuer is another',
    async (t) => {
      const store = await filled(t);
      const shown = async (of: Identity | null, page = { limit: 10 }) => {
        const { items, nextCursor } = await store.list(of, page);
        return { items: items.map(({ id, counts }) => [id, counts.total, counts.pending]), nextCursor };
      };
      t.strictSame(await shown(ANN), {
        items: [
          [idOf(2), 3, 3],
          [idOf(0), 1, 1],
        ],
        nextCursor: null,
      });
      t.strictSame((await shown(SAME_NAME)).items, [[idOf(1), 2, 2]]);
      t.strictSame((await shown(caller('nobody'))).items, []);
      const { items, nextCursor } = await store.list(null, { limit: 2 });
      t.strictSame(
        items.map(({ id }) => id),
        [idOf(2), idOf(1)],
      );
      t.match(await store.list(null, { limit: 2, cursor: nextCursor ?? '' }), {
        items: [{ id: idOf(0) }],
        nextCursor: null,
      });
    },
  );
});
