import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';

/** What whoever asked is told, who may read no policy, whatever becomes of it. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const REQUESTS = '/v1/access-requests';
const ASKED = { secretId: 'demo/database', principal: MARY, expiresIn: '30d', reason: 'I run the report' };
const PEOPLE = { rita: { scopes: ['access:request'] }, olga: { groups: ['payments'] } };
const NOTHING = { diff: [], effect: { gains: [], loses: [] }, warnings: [], etag: null };

const { as } = await buildWithCallers(t, PEOPLE);
await as('olga').post(`${SECRET}/shares`, { principal: APP_ROLE, reason: 'kept from rita' });
const ask = async (): Promise<string> => (await as('rita').post(REQUESTS, ASKED)).json.approvalId;
const etagOf = async (id: string): Promise<string> => (await as('olga').get(`/v1/approvals/${id}`)).json.etag;

const ends = {
  pending: async () => undefined,
  rejected: async (id: string) => as('olga').post(`/v1/approvals/${id}/reject`, { reason: 'no' }),
  withdrawn: async (id: string) => as('rita').post(`/v1/approvals/${id}/withdraw`, {}),
  applied: async (id: string) => as('olga').post(`/v1/approvals/${id}/approve`, { etag: await etagOf(id) }),
};

for (const [end, come] of Object.entries(ends)) {
  t.test(`${end}: no document, difference or effect, and nobody else who reads`, async (t) => {
    const id = await ask();
    t.equal((await as('olga').get(`/v1/approvals/${id}`)).json.diff.length > 0, true, 'who decides sees what it does');
    const answer = await come(id);
    const answers = [
      ...(end === 'withdrawn' && answer ? [answer] : []),
      await as('rita').get(`${REQUESTS}/${id}`),
      await as('rita').get(REQUESTS),
      await as('rita').get(`/v1/approvals/${id}`),
      await as('rita').get('/v1/approvals?requestedBy=me'),
    ];
    for (const { status, json, body } of answers) {
      t.equal(status, 200);
      t.match('items' in json ? json.items[0] : json, { approvalId: id, ...NOTHING });
      t.notMatch(body, /222222222222|kept from rita|"Principal"|"Sid"/);
    }
  });
}

t.test('one that is decided makes room for another', async (t) => {
  const ids: string[] = [];
  let answer = await as('rita').post(REQUESTS, ASKED);
  for (; answer.status === 202; answer = await as('rita').post(REQUESTS, ASKED)) ids.push(answer.json.approvalId);
  t.match(answer, { status: 429, json: { code: 'rate-limited', detail: /20/ } });
  t.equal(ids.length, 19, 'with the one that waits already');
  const [first = '', second = ''] = ids;
  await as('rita').post(`/v1/approvals/${first}/withdraw`, {});
  t.equal((await as('rita').post(REQUESTS, ASKED)).status, 202);
  t.equal((await as('rita').post(REQUESTS, ASKED)).status, 429);
  await as('olga').post(`/v1/approvals/${second}/reject`, {});
  t.equal((await as('rita').post(REQUESTS, ASKED)).status, 202);
});
