import t from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { build, MARY } from '../helper.ts';
import { keyedSecret } from './keyed-secret.ts';

const ANN = 'arn:aws:iam::111111111111:user/ann';
const ROLE = 'arn:aws:iam::111111111111:role/bounded';
const SESSION = 'arn:aws:sts::111111111111:assumed-role/bounded/local';

const only = (...Action: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

/** Both have a boundary that lets them do nothing here, and no identity policies. */
async function boundedReaders(t: Parameters<typeof keyedSecret>[0]) {
  const secret = await keyedSecret(t);
  const { directory } = secret.aws;
  directory.createUser({ arn: ANN, policies: [], boundary: only('sts:*'), accessKeyId: 'LOCALANN' });
  directory.createRole({ arn: ROLE, policies: [], boundary: only('sts:*'), accessKeyId: 'LOCALBOUNDED' });
  return secret;
}

t.test('whom secret and key name itself reads whatever its permissions boundary leaves out', async (t) => {
  const { call, url, arn, putKeyPolicy, later, readAs } = await boundedReaders(t);
  for (const [principal, accessKeyId] of [
    [ANN, 'LOCALANN'],
    [SESSION, 'LOCALBOUNDED'],
  ] as const) {
    const first = await call('POST', `${url}/shares`, { principal });
    t.match(first.json.summary, /may read .* once its own account allows it/, 'the key leaves it to the account');
    t.not(await readAs(accessKeyId, arn), 'read');

    await putKeyPolicy([{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:Decrypt', Resource: '*' }]);
    later();
    const { json } = await call('POST', `${url}/shares`, { principal });
    const leg = json.legs.find(({ leg }: { leg: string }) => leg === 'identityPolicy');
    t.match(leg, { status: 'notNeeded', detail: /named itself.*need not allow it, but must not deny it/ });
    t.notHas(leg, { unlessLimitedBy: [] });
    t.match(json.summary, /may read [^ ]*\.$/);
    t.equal(await readAs(accessKeyId, arn), 'read');
  }
});

t.test(
  'whether a grant names somebody so that no boundary matters is not known: it is said that one may',
  async (t) => {
    const { aws, call, url, KeyId } = await boundedReaders(t);
    aws.call('LOCALOWNER', 'us-east-1', 'kms', 'CreateGrant', {
      KeyId,
      GranteePrincipal: ANN,
      Operations: ['Decrypt'],
    });
    const { json } = await call('POST', `${url}/shares`, { principal: ANN });
    const leg = json.legs.find(({ leg }: { leg: string }) => leg === 'identityPolicy');
    t.match(leg, { status: 'notNeeded', unlessLimitedBy: ['permissionsBoundary'] });
    t.match(json.summary, /may read [^ ]* unless a permissions boundary.* keeps it out\.$/);
  },
);

t.test('a role that is named, and whom a policy of its own lets in, must be let by its boundary too', async (t) => {
  const { aws, call, url, arn, KeyId, readAs } = await boundedReaders(t);
  aws.call('LOCALOWNER', 'us-east-1', 'kms', 'CreateGrant', { KeyId, GranteePrincipal: ROLE, Operations: ['Decrypt'] });
  const shared = await call('POST', `${url}/shares`, { principal: ROLE });
  const limited = { unlessLimitedBy: ['permissionsBoundary', 'sessionPolicy'] };
  const legOf = ({ legs }: { legs: { leg: string }[] }) => legs.find(({ leg }) => leg === 'identityPolicy');
  t.match(legOf(shared.json), { status: 'notNeeded', ...limited });
  t.match(
    shared.json.summary,
    /may read [^ ]* unless a permissions boundary or session policy of its own keeps it out\.$/,
  );
  t.not(await readAs('LOCALBOUNDED', arn), 'read');
  const identityPolicies = [only('secretsmanager:*', 'kms:*')];
  const check = await call('POST', `${url}/access-checks`, { principal: ROLE, identityPolicies });
  t.match(legOf(check.json), { detail: /boundary or session policy.*must allow it too/, ...limited });
  aws.directory.setPermissionsBoundary(ROLE, only('secretsmanager:*', 'kms:*'));
  t.equal(await readAs('LOCALBOUNDED', arn), 'read');
});

t.test('NotPrincipal excepts nobody who has a permissions boundary: so it is not known whom', async (t) => {
  const { aws, call, readAs, arnOf } = await build(t);
  const url = '/v1/secrets/demo%2Fdatabase';
  const Statement: Statement[] = [
    { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    {
      Effect: 'Deny',
      NotPrincipal: { AWS: [MARY, 'arn:aws:iam::123456789999:root'] },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    },
  ];
  const policy = { Version: '2012-10-17', Statement };
  const put = await call('PUT', `${url}/policy`, policy, { 'if-none-match': '*' });
  t.equal(put.status, 200, put.body);
  const check = await call('POST', `${url}/access-checks`, { principal: MARY });
  t.match(check.json, {
    decision: 'unknown',
    dependsOn: [{ key: 'permissionsBoundary', description: /has a permissions boundary/ }],
  });
  const arn = await arnOf('demo/database');
  t.equal(await readAs('LOCALMARY', arn), 'read');
  aws.directory.setPermissionsBoundary(MARY, only('*'));
  t.equal(await readAs('LOCALMARY', arn), 'AccessDeniedException');
});
