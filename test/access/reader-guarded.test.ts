import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import type { Leg } from './keyed-secret.ts';
import { READERS } from './readers.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const NOT_HERS = `@id("not-hers") forbid (principal == Caller::"ann", action == Action::"readIdentity", resource)
when { resource has account && resource.account == "123456789999" };`;

const people = {
  ann: { groups: ['payments'] },
  sam: { groups: ['payments'] },
  kim: { scopes: ['access:request'] },
};
type Name = keyof typeof people;

const start = async (t: Parameters<typeof buildWithCallers>[0]) => {
  const service = await buildWithCallers(t, people, { env: READERS, policies: { 'not-hers.cedar': NOT_HERS } });
  const ownLeg = ({ legs }: { legs: Leg[] }) => legs.find(({ leg }) => leg === 'identityPolicy');
  return { ...service, ownLeg };
};

const UNTOLD = { status: 'unknown', detail: /guardrails do not let you know what account 123456789999 says of it/ };

t.test('who may not read a reader’s identity is told nothing of it, and shares all the same', async (t) => {
  const { as, ownLeg } = await start(t);
  const told = async (name: Name) => {
    const checked = await as(name).post(`${DATABASE}/access-checks`, { principal: MARY });
    const shared = await as(name).post(`${DATABASE}/shares`, { principal: MARY });
    const [reader] = (await as(name).get(`${DATABASE}/readers`)).json.items;
    const instructed = await as(name).get(`${DATABASE}/shares/${shared.json.share.id}/instructions`);
    t.equal(instructed.status, 200);
    return [checked.json, shared.json, reader].map(ownLeg);
  };
  for (const leg of await told('ann')) t.match(leg, UNTOLD);
  for (const leg of await told('sam')) t.match(leg, { status: 'done', asOf: /^20/ });

  const mayAnn = async (body: object) => (await as('ann').post('/v1/authorization-checks', body)).json.items[0];
  const action = 'readIdentity';
  t.match(await mayAnn({ action, principal: MARY }), { allowed: false, policies: ['not-hers'] });
  t.match(await mayAnn({ action, principal: '222222222222' }), { allowed: true, policies: ['readers-by-scope'] });
});

t.test('what waits is told by what its reader may know, not by what its asker may', async (t) => {
  const { as, ownLeg } = await start(t);
  const request = { secretId: 'demo/database', principal: MARY, expiresIn: '1d', reason: 'to read it' };
  const url = `/v1/approvals/${(await as('kim').post('/v1/access-requests', request)).json.approvalId}`;
  t.match(ownLeg((await as('sam').get(url)).json), { status: 'done' });
  const waiting = (await as('ann').get(url)).json;
  t.match(ownLeg(waiting), UNTOLD);
  const approved = await as('ann').post(`${url}/approve`, { etag: waiting.etag });
  t.match(approved.json, { changed: true });
  t.match(ownLeg(approved.json), UNTOLD);
});
