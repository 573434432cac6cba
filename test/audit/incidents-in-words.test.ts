import t from 'tap';
import { eventInWords } from '../../src/audit/words.ts';
import { APP_ROLE } from '../helper.ts';

type Told = Parameters<typeof eventInWords>[0];

const many = { arn: null, name: '*', account: null, region: null };
const one = { ...many, arn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:a-AbCdEf', name: 'a' };
const told = (action: Told['action'], request: Told['request'], secret: Told['secret'] = many) =>
  eventInWords({ action, request, secret, outcome: 'applied', error: null, policy: null });
const order = { operation: 'x', incident: 'x', items: 1_200 };

t.test('an incident that begins is told apart from what it does to each secret, without an id', async (t) => {
  const except = [APP_ROLE];
  t.equal(
    told('freeze', { ...order, asked: { freeze: { secretIds: [] }, except } }),
    'Began to freeze 1,200 secrets, except for role/app of 222222222222',
  );
  t.equal(told('freeze', { incident: 'x', except: [] }, one), 'Froze reading');
  t.equal(
    told('evict', { ...order, items: 1, asked: { evict: { account: '222222222222' } } }),
    'Began to evict account 222222222222 from 1 secret',
  );
  t.equal(told('evict', { incident: 'x', principal: APP_ROLE }, one), 'Evicted role/app of 222222222222');
  t.equal(told('lift', order), 'Began to lift an incident: 1,200 secrets');
  t.equal(told('lift', { incident: 'x', of: 'freeze', except }, one), 'Lifted the freeze');
  t.equal(
    told('lift', { incident: 'x', of: 'evict', principal: APP_ROLE }, one),
    'Lifted the eviction of role/app of 222222222222',
  );
});

t.test('an operation that only checks is not told as one that changes', async (t) => {
  const request = { operation: 'x', action: 'share', items: 2 };
  t.equal(told('startOperation', { ...request, dryRun: false }), 'Began a bulk operation: 2 shares');
  t.equal(told('startOperation', { ...request, dryRun: true }), 'Began a bulk operation: 2 shares, to check only');
});

t.test('a finding that names many is told short', async (t) => {
  const summary = told('openFinding', { kind: 'outside-reader', detail: 'x'.repeat(2_000) }, one);
  t.equal(summary, `Found: somebody outside reads (${'x'.repeat(120)}…)`);
});
