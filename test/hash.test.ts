import { createPublicKey } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { chainStart } from '../src/audit/chain.ts';
import { walkChain } from '../src/audit/verify-chain.ts';
import { hashKey } from '../src/authentication/key-hash.ts';
import { isSignedBy } from '../src/database/journal/verification/checkpoints.ts';
import { canonicalJson } from '../src/json/canonical-json.ts';
import { EMPTY_POLICY } from '../src/policy/entries/compile.ts';
import { addEntry } from '../src/policy/entries/edit.ts';
import { denyPrincipal } from '../src/policy/entries/templates/deny-principal.ts';
import { restrictToOrganization } from '../src/policy/entries/templates/restrict-to-organization.ts';
import { timeOfUuidV7, uuidV7 } from '../src/uuid.ts';
import { build, MARY } from './helper.ts';
import { share } from './policy/views.ts';

/** What a version before has stored or given out stays what it was (entity tags: policy/canonical.test.ts). */
const actions = ['secretsmanager:GetSecretValue'];
const entries = [
  [share(EMPTY_POLICY, { principal: MARY }), 'Share199c7fa944bb5648', '809795dc2d0b72d20bd767b3'],
  [
    addEntry(EMPTY_POLICY, denyPrincipal, { principal: MARY, actions }, 'aws'),
    'Denyd9e7f0d5e2730f96',
    'adfc4f343b68574d3e9d7b28',
  ],
  [
    addEntry(EMPTY_POLICY, restrictToOrganization, { organization: 'o-local00001', actions }, 'aws'),
    'Restrict08bad1e3cad706b0',
    '1ff8ce0cbee49bb12588138a',
  ],
] as const;
for (const [{ entry }, sid, id] of entries) {
  t.test(`the Sid and the id of a ${entry.kind} stay`, async (t) => {
    t.match(entry, { sid, id });
  });
}

const document =
  '{"action":"share","actor":{"issuer":"https://issuer.example","method":"jwt","subject":"alice"},"awsRequestId":null,"changeId":"change-1","error":null,"id":"019b76da-a800-78ec-8cc8-99366f7a4ab0","outcome":null,"phase":"intent","policy":null,"previousHash":"0000000000000000000000000000000000000000000000000000000000000000","reason":"a test","request":{"actions":["secretsmanager:GetSecretValue"],"principal":"222222222222"},"requestId":"request-1","secret":{"account":"111111111111","arn":"arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf","name":"prod/ü","region":"us-east-1"},"sequence":1,"source":{"ip":"192.0.2.1","userAgent":"curl/8"},"ticket":null,"time":"2026-01-01T00:00:00.000Z","traceId":null}';
const hash = '2cef0bc0e0705690ad0fbde4e15b875771e2d7cc85fd78fc867a3fc0418e0bfb';

t.test('a chain that was stored is whole', async (t) => {
  async function* stored() {
    yield [{ document, hash }];
  }
  t.same(await walkChain(stored(), chainStart), { head: { sequence: 1, hash }, firstBroken: null });
});

t.test('an archived event has the text that was hashed', async (t) => {
  const { sequence, time, ...rest } = JSON.parse(document);
  t.equal(canonicalJson({ time, ...rest, sequence }), document);
});

t.test('a checkpoint that was signed is believed', async (t) => {
  const key = Buffer.from('MCowBQYDK2VwAyEAQTv/S8g90MBnDyenC17S4grKjOBEWodYNwjqLToqXGM=', 'base64');
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
  const signature = 'GhpXECmyTgCDnOVPOuc_fnP1OF1xv99uo1iCucV8ONLPBKk8EP06sMS9c16YG8iTWPEKbuJI_R_FiT1Z-vV7BA';
  const checkpoint = { sequence: 1, hash, time: '2026-01-01T00:00:00.000Z', key_id: 'b7dbf31aa94c88e9', signature };
  t.ok(isSignedBy({ publicKey }, checkpoint));
});

t.test('the hash of an API key stays', async (t) => {
  const stored = 'sha256:6553e589f9911d300fda3db1370d29af32a96245ce9f3ef3f1137d9c405c3652';
  t.equal(await hashKey('sas_key', 'sha256'), stored);
});

t.test('an idempotency key is found again, and its request known', async (t) => {
  const file = `${t.testdir()}/audit.db`;
  const { call } = await build(t, { env: { DATABASE_URL: `sqlite:${file}` } });
  await call('POST', '/v1/secrets/demo%2Fdatabase/shares', { principal: MARY }, { 'idempotency-key': 'k-1' });
  const database = new DatabaseSync(file, { readOnly: true });
  t.teardown(() => database.close());
  const row = database.prepare('select id, fingerprint from idempotency_keys').get();
  t.equal(row?.['id'], 'ccff0b7f96f93af41fa267ad5fef4709cca0345087ab4bc00f1aa896cbe644bd');
  t.equal(row?.['fingerprint'], 'd6cf6091b282a4eebee232e4bead6f1c93bcfb9371ed5da15fa026b52efbadf4');
});

t.test('a UUIDv7 has the form of RFC 9562, tells its time to the millisecond, and is like no other', async (t) => {
  const times = [0, 1, 1_767_225_600_123, 2 ** 48 - 1].map((ms) => new Date(ms));
  const ids = times.map(uuidV7);
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.same(ids.toSorted().map(timeOfUuidV7), times.map(Number), 'sorted by time');
  t.equal(new Set(Array.from({ length: 1_000 }, () => uuidV7(new Date(0)))).size, 1_000);
});
