import t from 'tap';
import { createLine } from '../../src/access/bulk/line.ts';
import type { OperationItem, OperationOrder } from '../../src/access/bulk/operation.ts';

const order: OperationOrder = {
  ...{
    id: 'one',
    action: 'share',
    dryRun: false,
    reason: null,
    ticket: null,
    notAfter: '2026-01-02T00:00:00.000Z',
    seal: '',
  },
  requester: {
    identity: { subject: 'ann', issuer: null, method: 'none', groups: [], scopes: [] },
    ...{ source: { ip: null, userAgent: null }, requestId: null, traceId: null },
  },
};
const arnIn = (region: string) => `arn:aws:secretsmanager:${region}:111111111111:secret:db-AbCdEf`;
const items = (...secretIds: string[]): OperationItem[] =>
  secretIds.map((secretId, position) => ({
    ...{ position, secretId, request: {}, status: 'pending', changeId: String(position), result: null },
  }));
const [EAST, WEST] = [arnIn('us-east-1'), arnIn('eu-west-1')];

t.test('a Region that does not answer keeps half of the places at most', async (t) => {
  const line = createLine(order, items(EAST, EAST, EAST, EAST, WEST, 'name', WEST));
  const begun = Array.from({ length: 5 }, () => line.next(4)?.position);
  t.same(begun, [0, 1, 4, 5, undefined]);
});

t.test('whose turn is over leaves its place to the next of the request', async (t) => {
  const line = createLine(order, items(EAST, EAST, EAST));
  const first = line.next(2);
  t.equal(line.next(2), undefined, 'one of two');
  if (first) line.ended(first);
  t.equal(line.next(2)?.position, 1);
});

t.test('over is who has nothing under way and nothing to begin; done, who leaves nothing', async (t) => {
  const line = createLine(order, items(EAST, EAST));
  const first = line.next(1);
  line.halt();
  t.notOk(line.isOver());
  t.equal(line.next(9), undefined);
  if (first) line.ended(first);
  t.same([line.isOver(), line.isDone()], [true, false]);
  const cancelled = createLine(order, items(EAST));
  cancelled.cancel();
  t.same([cancelled.isOver(), cancelled.isDone()], [true, true]);
});
