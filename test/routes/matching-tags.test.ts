import t from 'tap';
import { build, MARY } from '../helper.ts';

/** Access by tags that match (ABAC), and permission sets that a restriction spares: as AWS enforces it, and as it is told. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const READ = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action: ['secretsmanager:*', 'kms:*'], Resource: '*' }],
};
const ROLES = {
  PAYMENTS: ['arn:aws:iam::111111111111:role/payments', { team: 'payments' }],
  LEDGER: ['arn:aws:iam::111111111111:role/ledger', { team: 'ledger' }],
  EMPTY: ['arn:aws:iam::111111111111:role/empty', { team: '' }],
  UNTAGGED: ['arn:aws:iam::111111111111:role/untagged', {}],
} as const;
const SERVICE = 'arn:aws:iam::111111111111:role/secret-access-service';
const REFUSED = 'AccessDeniedException';

type Policy = { Version: '2012-10-17'; Statement: { Effect: 'Allow'; Action: string | string[]; Resource: string }[] };

async function buildTagged(t: Parameters<typeof build>[0], policies: Policy[] = [READ]) {
  const service = await build(t);
  const arn = await service.arnOf('demo/database');
  for (const [accessKeyId, [role, tags]] of Object.entries(ROLES)) {
    service.aws.directory.createRole({ arn: role, policies, accessKeyId, tags });
  }
  const tag = (Value: string | undefined) =>
    Value === undefined
      ? service.aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'UntagResource', {
          SecretId: arn,
          TagKeys: ['team'],
        })
      : service.aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', {
          SecretId: arn,
          Tags: [{ Key: 'team', Value }],
        });
  const reads = async () =>
    Object.fromEntries(await Promise.all(Object.keys(ROLES).map(async (id) => [id, await service.readAs(id, arn)])));
  return { ...service, arn, tag, reads };
}

t.test('a share by a tag lets in who has the secret’s own value of it, whatever that is now', async (t) => {
  // The account’s policies allow the key alone: what lets in is the share.
  const kms = { ...READ, Statement: [{ Effect: 'Allow' as const, Action: 'kms:*', Resource: '*' }] };
  const { call, tag, reads } = await buildTagged(t, [kms]);
  tag('payments');
  for (const [principal] of Object.values(ROLES)) {
    const { status, json } = await call('POST', `${SECRET}/shares`, { principal, matchTags: ['team'] });
    t.equal(status, 201);
    t.same(json.share.conditions, { matchTags: ['team'] });
    t.match(json.share.words, { conditions: ['only with the secret’s own value of the tags team'] });
  }
  const { items } = (await call('GET', `${SECRET}/shares`)).json;
  t.equal(items.length, 4);
  t.equal(new Set(items.map(({ sid }: { sid: string }) => sid)).size, 1, 'they share a statement');
  t.same(await reads(), { PAYMENTS: 'read', LEDGER: REFUSED, EMPTY: REFUSED, UNTAGGED: REFUSED });
  tag('ledger');
  t.same(await reads(), { PAYMENTS: REFUSED, LEDGER: 'read', EMPTY: REFUSED, UNTAGGED: REFUSED });
  tag(undefined);
  t.same(await reads(), { PAYMENTS: REFUSED, LEDGER: REFUSED, EMPTY: REFUSED, UNTAGGED: REFUSED }, 'no tag, nobody');
  const [{ principal }] = items;
  const again = await call('POST', `${SECRET}/shares`, {
    principal,
    matchTags: ['team'],
    versionStages: ['AWSCURRENT'],
  });
  t.same(again.json.effect.gains, [], 'and that is told');
  tag('payments');
  t.match(await call('POST', `${SECRET}/shares`, { principal, matchTags: ['team'], principalTags: { Team: 'x' } }), {
    status: 400,
    json: { errors: [{ path: '/matchTags' }] },
  });
  t.match(await call('POST', `${SECRET}/shares`, { principal, matchTags: ['a}b'] }), { status: 400 });
});

t.test(
  'a restriction to a tag denies whoever has not the secret’s own value of it, and everybody while it has none',
  async (t) => {
    const { call, tag, reads } = await buildTagged(t);
    tag('payments');
    t.same(await reads(), { PAYMENTS: 'read', LEDGER: 'read', EMPTY: 'read', UNTAGGED: 'read' });
    const { status, json } = await call('POST', `${SECRET}/restrictions`, {
      boundary: { matchTag: 'team' },
      exceptPrincipals: ['arn:aws:iam::111111111111:role/ledger', 'arn:aws:iam::111111111111:user/owner', SERVICE],
    });
    t.equal(status, 201, JSON.stringify(json));
    t.match(json.restriction, { boundary: { matchTag: 'team' } });
    t.equal((await call('GET', `${SECRET}/restrictions`)).json.items.length, 1, 'it is read back as one');
    t.same(await reads(), { PAYMENTS: 'read', LEDGER: 'read', EMPTY: REFUSED, UNTAGGED: REFUSED });
    tag(undefined);
    t.same(await reads(), { PAYMENTS: REFUSED, LEDGER: 'read', EMPTY: REFUSED, UNTAGGED: REFUSED });
    t.equal(
      (await call('DELETE', `${SECRET}/restrictions/${json.restriction.id}`)).json.policy,
      null,
      'and taken back as one',
    );
    t.same(await reads(), { PAYMENTS: 'read', LEDGER: 'read', EMPTY: 'read', UNTAGGED: 'read' });
  },
);

t.test(
  'of a secret without the tag it is told that nobody gets in, of one that has it that it hangs on the caller’s',
  async (t) => {
    const { call, aws } = await buildTagged(t);
    const secrets = { bare: {}, tagged: { Tags: [{ Key: 'team', Value: 'payments' }] } };
    for (const [Name, tags] of Object.entries(secrets)) {
      aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', { Name, SecretString: 'x', ...tags });
      const boundary = {
        boundary: { matchTag: 'team' },
        exceptPrincipals: [SERVICE, 'arn:aws:iam::111111111111:user/owner'],
      };
      t.match(await call('POST', `/v1/secrets/${Name}/restrictions`, boundary), { status: 201 });
    }
    const [principal] = ROLES.PAYMENTS;
    const check = async (name: string, context = {}) =>
      (await call('POST', `/v1/secrets/${name}/access-checks`, { principal, context })).json;
    t.equal((await check('bare', { 'aws:PrincipalTag/team': 'payments' })).decision, 'explicitlyDenied');
    t.equal((await check('tagged', { 'aws:PrincipalTag/team': 'ledger' })).decision, 'explicitlyDenied');
    t.not((await check('tagged', { 'aws:PrincipalTag/team': 'payments' })).decision, 'explicitlyDenied');
    const open = await check('tagged');
    t.equal(open.decision, 'unknown');
    t.match(JSON.stringify(open.dependsOn), /is not the secret’s tag team/);
  },
);

t.test('a restriction spares permission sets, also provisioned anew, and no longer names', async (t) => {
  const { call, readAs, arnOf, aws } = await build(t);
  const arn = await arnOf('demo/database');
  const set = (name: string) =>
    `arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_${name}`;
  const roles = {
    OPS: set('Ops_0123456789abcdef'),
    ANEW: set('Ops_fedcba9876543210'),
    ADMIN: set('Ops_Admin_0123456789abcdef'),
  };
  for (const [accessKeyId, role] of Object.entries(roles)) {
    aws.directory.createRole({ arn: role, policies: [READ], accessKeyId });
  }
  const exceptPermissionSets = [{ name: 'Ops', account: '111111111111' }];
  const { status, json } = await call('POST', `${SECRET}/restrictions`, {
    boundary: { principals: ['arn:aws:iam::111111111111:user/owner', SERVICE] },
    exceptPermissionSets: [...exceptPermissionSets, ...exceptPermissionSets],
  });
  t.equal(status, 201);
  t.match(json.restriction, {
    exceptPermissionSets,
    words: { conditions: ['not for whoever has the permission set Ops in the account 111111111111'] },
  });
  t.match((await call('GET', `${SECRET}/restrictions`)).json.items, [{ exceptPermissionSets }]);
  const reads = await Promise.all(Object.keys(roles).map((id) => readAs(id, arn)));
  t.same(reads, ['read', 'read', REFUSED]);
  const checks = Object.values(roles).map((principal) => call('POST', `${SECRET}/access-checks`, { principal }));
  const [ops, , admin] = (await Promise.all(checks)).map((check) => check.json.decision);
  t.not(ops, 'explicitlyDenied');
  t.equal(admin, 'explicitlyDenied');
});

t.test('a restriction spares AWS services by name: the roles that they have of their own', async (t) => {
  const { call, readAs, arnOf, aws } = await build(t);
  const arn = await arnOf('demo/database');
  const linked = (service: string) => `arn:aws:iam::111111111111:role/aws-service-role/${service}/Linked${service[0]}`;
  const roles = { APPFLOW: linked('appflow.amazonaws.com'), TRANSFER: linked('transfer.amazonaws.com') };
  for (const [accessKeyId, role] of Object.entries(roles)) {
    aws.directory.createRole({ arn: role, policies: [READ], accessKeyId });
  }
  const exceptServices = ['appflow.amazonaws.com'];
  const boundary = { principals: ['arn:aws:iam::111111111111:user/owner', SERVICE] };
  const { status, json } = await call('POST', `${SECRET}/restrictions`, { boundary, exceptServices });
  t.equal(status, 201);
  t.match(json.restriction, {
    exceptServices,
    words: { conditions: ['not for the roles that appflow.amazonaws.com has of its own'] },
  });
  t.match((await call('GET', `${SECRET}/restrictions`)).json.items, [{ exceptServices }], 'it is read as ours');
  t.same(await Promise.all(Object.keys(roles).map((id) => readAs(id, arn))), ['read', REFUSED]);
  const checks = Object.values(roles).map((principal) => call('POST', `${SECRET}/access-checks`, { principal }));
  const [spared, other] = (await Promise.all(checks)).map((check) => check.json.decision);
  t.not(spared, 'explicitlyDenied');
  t.equal(other, 'explicitlyDenied');
  const exported = await call('GET', `/v1/manifests/export?secretId=${encodeURIComponent(arn)}`);
  const [secret] = Object.values<{ restrictions: object[] }>(exported.json.secrets);
  t.match(secret?.restrictions, [{ exceptServices }]);
  t.equal((await call('POST', '/v1/manifests/plan', exported.json)).json.empty, true);
});

t.test(
  'a policy of the older Version, which has no variables, gets the newer where that changes nothing of others',
  async (t) => {
    const { call, aws, arnOf } = await build(t);
    const arn = await arnOf('demo/database');
    const put = (statement: object) =>
      aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', {
        SecretId: arn,
        ResourcePolicy: JSON.stringify({ Version: '2008-10-17', Statement: [statement] }),
      });
    const theirs = {
      Sid: 'Theirs',
      Effect: 'Allow',
      Principal: { AWS: MARY },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    };
    put(theirs);
    const share = await call('POST', `${SECRET}/shares`, { principal: '222222222222', matchTags: ['team'] });
    t.match(share, { status: 201, json: { policy: { Version: '2012-10-17' } } });
    t.equal((await call('GET', `${SECRET}/shares`)).json.items.length, 1);
    const literal = { StringEquals: { 'aws:PrincipalTag/team': `\${aws:ResourceTag/team}` } };
    put({ ...theirs, Condition: literal });
    t.match(await call('POST', `${SECRET}/shares`, { principal: '222222222222', matchTags: ['team'] }), {
      status: 400,
      json: { code: 'validation-failed', detail: /2012-10-17/ },
    });
    t.match(
      await call('POST', `${SECRET}/restrictions`, { boundary: { matchTag: 'team' }, exceptPrincipals: [SERVICE] }),
      {
        status: 400,
        json: { errors: [{ path: '/boundary/matchTag' }] },
      },
    );
    const { json } = await call('GET', `${SECRET}/policy`);
    t.match(json.foreignStatements, [{ sid: 'Theirs', template: null }], 'what is meant to the letter is none of ours');
    t.same((await call('GET', `${SECRET}/shares`)).json.items, []);
  },
);

t.test('a tag that the secret does not have lets nobody in, and that is told at once', async (t) => {
  const { call } = await build(t);
  const { json } = await call('POST', `${SECRET}/shares`, { principal: MARY, matchTags: ['nope'] });
  t.match(json.legs[0], { leg: 'secretPolicy', status: 'missing' });
  t.match(json.summary, /may not read/);
  t.same(json.effect.gains, []);
});

t.test('of tags whose keys differ in case only it is not said which one AWS sees', async (t) => {
  const { call, aws } = await build(t);
  const Tags = [
    { Key: 'team', Value: 'red' },
    { Key: 'Team', Value: 'blue' },
  ];
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', { Name: 'twice', SecretString: 'x', Tags });
  t.match(await call('POST', '/v1/secrets/twice/shares', { principal: SERVICE, matchTags: ['team'] }), { status: 201 });
  for (const value of ['red', 'blue']) {
    const context = { 'aws:PrincipalTag/team': value };
    const { json } = await call('POST', '/v1/secrets/twice/access-checks', { principal: SERVICE, context });
    t.equal(json.decision, 'unknown', value);
  }
});
