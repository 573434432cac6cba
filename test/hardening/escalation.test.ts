import t, { type Test } from 'tap';
import { statementsOf } from '../../src/policy/document.ts';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import { until } from '../wait.ts';

/** Who may share, and may not let others change the policy, does not get around that by the way in which it is written. */

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const ANY = { 'if-match': '*' };
const REFUSED = { status: 403, json: { code: 'forbidden', policies: ['no-escalation'] } };

async function start(t: Test) {
  const groups = ['payments'];
  const people = { ann: { groups }, root: { groups: [...groups, 'secret-admins'] } };
  const service = await buildWithCallers(t, people);
  const { ann, root } = { ann: service.as('ann'), root: service.as('root') };
  const policy = async () => (await root.get(`${DATABASE}/policy`)).json.policy;
  /** The administrator's share of everything. */
  const escalating = () =>
    root.post(`${DATABASE}/shares`, { principal: MARY, actions: ['secretsmanager:*'], acknowledgeEscalation: true });
  return { ...service, ann, root, policy, escalating };
}

const allowing = (members: object) => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'A', Effect: 'Allow', Principal: { AWS: MARY }, Resource: '*', ...members }],
});

t.test('by the letter case of an action, a pattern, or what is left out', async (t) => {
  const { ann, root, policy } = await start(t);
  for (const action of ['secretsmanager:PutResourcePolicy', 'secretsmanager:putresourcepolicy', 'SECRETSMANAGER:*']) {
    const body = { principal: MARY, actions: [action], acknowledgeEscalation: true };
    const answer = await ann.post(`${DATABASE}/shares`, body);
    t.ok(answer.status === 400 || answer.json.code === 'forbidden', `${action}: ${answer.status}`);
  }
  const put = (who: typeof ann, members: object, condition: Record<string, string> = { 'if-none-match': '*' }) =>
    who.put(`${DATABASE}/policy`, allowing(members), condition);
  for (const members of [
    { Action: 'secretsmanager:putRESOURCEpolicy' },
    { Action: ['secretsmanager:GetSecretValue', 'secretsmanager:*Policy'] },
    { Action: 'secretsmanager:Delete?esourcePolicy' },
    { Action: '*' },
    { NotAction: 'secretsmanager:GetSecretValue' },
  ]) {
    t.match(await put(ann, members), REFUSED, JSON.stringify(members));
  }
  t.equal(await policy(), null, 'nothing of it was attached');
  t.equal((await put(ann, { Action: 'secretsmanager:Get*' })).status, 200, 'a pattern that lets nobody change it');
  t.equal((await put(root, { Action: '*' }, ANY)).status, 200, 'administrators do');
});

t.test('by bringing back what was revoked, or what somebody else dropped', async (t) => {
  const { ann, root, policy, escalating, aws } = await start(t);
  const { share } = (await escalating()).json;
  const { changeId } = (await root.delete(`${DATABASE}/shares/${share.id}`)).json;
  t.match(await ann.post(`${DATABASE}/policy/rollback`, { changeId }, ANY), REFUSED, 'a rollback');

  await escalating();
  const theirs = allowing({ Action: 'secretsmanager:DescribeSecret' });
  const put = { SecretId: 'demo/database', ResourcePolicy: JSON.stringify(theirs) };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', put);
  t.match(await ann.post(`${DATABASE}/policy/restore-drift`, {}, ANY), REFUSED, 'the restoration of drift');
  t.same((await policy()).Statement, theirs.Statement);
  t.equal((await root.post(`${DATABASE}/policy/restore-drift`, {}, ANY)).status, 200, 'administrators do');
});

t.test('by doing it in the background', async (t) => {
  const { ann, policy } = await start(t);
  const item = {
    secretId: 'demo/database',
    principal: MARY,
    actions: ['secretsmanager:*'],
    acknowledgeEscalation: true,
  };
  const { headers } = await ann.post('/v1/bulk/shares', { items: [item] });
  const operation = String(headers['location']);
  await until(async () => (await ann.get(operation)).json.finishedAt !== null);
  t.match((await ann.get(`${operation}/items`)).json.items, [
    { status: 'failed', result: { problem: { code: 'forbidden' } } },
  ]);
  t.same(statementsOf(await policy()), []);
});
