import { readFileSync } from 'node:fs';
import { KMSClient, ListGrantsCommand } from '@aws-sdk/client-kms';
import t from 'tap';
import { ABROAD, HOME, keyedSecret, keyLegs } from '../access/keyed-secret.ts';
import { MARY } from '../helper.ts';

/** As its owner attaches it once, by Terraform. */
const PREPARED = JSON.parse(readFileSync('deploy/terraform/reader-account/policy.json', 'utf8'));
const OWNER = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' };

t.test('one call opens secret, key and replica’s key to a reader whose account was prepared once', async (t) => {
  const secret = await keyedSecret(t);
  const abroad = await secret.createKey(ABROAD);
  await secret.replicate(abroad);
  secret.aws.directory.setIdentityPolicies(MARY, [PREPARED]);
  const grants = async (KeyId: string, region: string) => {
    const kms = new KMSClient({ region, endpoint: secret.aws.url, credentials: OWNER });
    t.teardown(() => kms.destroy());
    return (await kms.send(new ListGrantsCommand({ KeyId }))).Grants;
  };
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
  t.same(await grants(secret.KeyId, HOME), [], 'no trace');
  t.same(await grants(abroad, ABROAD), [], 'no trace');
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
