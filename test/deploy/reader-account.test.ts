import { readFileSync } from 'node:fs';
import t from 'tap';
import { ABROAD, HOME, keyedSecret, keyLegs } from '../access/keyed-secret.ts';
import { MARY } from '../helper.ts';

/** As its owner attaches it once, by Terraform. */
const PREPARED = JSON.parse(readFileSync('deploy/terraform/reader-account/policy.json', 'utf8'));

t.test('one call opens secret, key and replica’s key to a reader whose account was prepared once', async (t) => {
  const secret = await keyedSecret(t);
  const abroad = await secret.createKey(ABROAD);
  await secret.replicate(abroad);
  secret.aws.directory.setIdentityPolicies(MARY, [PREPARED]);
  const grants = (KeyId: string, region: string) =>
    secret.aws.call('LOCALOWNER', region, 'kms', 'ListGrants', { KeyId })['Grants'];
  t.equal(await secret.maryReads(), 'AccessDeniedException', 'nothing is prepared on the owner’s side');

  const { status, json } = await secret.share({ complete: true });
  t.equal(status, 201);
  t.strictSame(
    keyLegs(json.legs).map(({ region, status }) => [region, status]),
    [
      [HOME, 'done'],
      [ABROAD, 'done'],
    ],
  );
  t.equal(await secret.maryReads(), 'done');
  t.equal(await secret.maryReads(ABROAD), 'done');

  const revoked = await secret.call('DELETE', `${secret.url}/shares/${json.share.id}`);
  t.same(revoked.json.warnings, []);
  t.equal(await secret.maryReads(), 'AccessDeniedException');
  t.equal(await secret.maryReads(ABROAD), 'AccessDeniedException');
  t.same(grants(secret.KeyId, HOME), [], 'no trace');
  t.same(grants(abroad, ABROAD), [], 'no trace');
  t.equal((await secret.call('GET', `${secret.url}/policy`)).json.policy, null);
});

t.test('what is prepared lets nothing be read that is not shared', async (t) => {
  const secret = await keyedSecret(t);
  secret.aws.directory.setIdentityPolicies(MARY, [PREPARED]);
  await secret.putKeyPolicy([{ Effect: 'Allow', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*' }]);
  t.equal(await secret.maryReads(), 'AccessDeniedException', 'the key alone does not share a secret');
  const asked = { principal: MARY, action: 'secretsmanager:GetSecretValue', identityPolicies: [PREPARED] };
  t.match((await secret.call('POST', `${secret.url}/access-checks`, asked)).json, { decision: 'implicitlyDenied' });
  await secret.share();
  t.match((await secret.call('POST', `${secret.url}/access-checks`, asked)).json, { decision: 'allowed' });
  t.equal(await secret.maryReads(), 'done');
});

t.test(
  'the role by which readers are seen reads policies, as the service’s own role does, and nothing else',
  async (t) => {
    const statements = JSON.parse(readFileSync('docs/reader-iam-policy.json', 'utf8')).Statement;
    const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
    for (const action of actions) t.match(action, /^iam:(Get|List)/);
    const own = JSON.parse(readFileSync('docs/iam-policy.json', 'utf8')).Statement;
    t.strictSame(own.slice(-statements.length), statements);
    const terraform = readFileSync('deploy/terraform/reader-account/main.tf', 'utf8');
    const ask = own.find(({ Sid }: { Sid: string }) => Sid === 'AskReaders');
    t.match(terraform, `name        = "${ask.Resource.split('/')[1]}"`, 'the one that the service’s role may assume');
  },
);
