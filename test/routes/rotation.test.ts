import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { build } from '../helper.ts';
import { matchList } from '../match-list.ts';

const BASE = '/v1/secrets/demo%2Fdatabase';
const FUNCTION = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-demo';
const ROLE = 'arn:aws:iam::111111111111:role/service-role/rotate-demo';
const SERVICE_LINKED = 'arn:aws:iam::111111111111:role/aws-service-role/rotator.amazonaws.com/AWSServiceRoleForRotator';
const boundary = { vpcEndpoints: ['vpce-11111111'] };

/** demo/database, which a function with this role rotates, through no VPC endpoint. */
async function rotating(t: Test, role = ROLE) {
  const service = await build(t);
  const { aws } = service;
  const Action = ['secretsmanager:*', 'kms:Decrypt', 'kms:GenerateDataKey'];
  const policies = [{ Version: '2012-10-17' as const, Statement: { Effect: 'Allow' as const, Action, Resource: '*' } }];
  aws.directory.createRole({ arn: role, policies });
  aws.directory.createFunction(FUNCTION, role);
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => client.destroy());
  const SecretId = await service.arnOf('demo/database');
  /** Undefined when it went well. */
  const rotate = async (): Promise<string | undefined> => {
    await client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION }));
    return aws.rotationFault(SecretId);
  };
  t.equal(await rotate(), undefined, 'it rotates at first');
  const restrict = (more: object = {}) => service.call('POST', `${BASE}/restrictions`, { boundary, ...more });
  return { ...service, rotate, restrict };
}

t.test(
  'a restriction that stops the rotation says so, names the function, and that its role is not known',
  async (t) => {
    const { rotate, restrict } = await rotating(t);
    const { status, json } = await restrict();
    t.equal(status, 201);
    matchList(t, json.warnings, [
      {
        code: 'rotation-not-excepted',
        message: /function:rotate-demo.*lambda:GetFunctionConfiguration.*exceptPrincipals/,
      },
    ]);
    t.match(await rotate(), /AccessDeniedException/);
  },
);

t.test('with the role of the function excepted it rotates on, and nothing is warned of', async (t) => {
  const { rotate, restrict } = await rotating(t);
  const { status, json } = await restrict({ exceptPrincipals: [ROLE] });
  t.equal(status, 201);
  t.same(json.warnings, []);
  t.equal(await rotate(), undefined);
});

t.test(
  'an exception that is nobody’s of the function’s account does not count; principals are a boundary too',
  async (t) => {
    const { rotate, restrict, call } = await rotating(t);
    const warned = [{ code: 'rotation-not-excepted' }];
    const others = { exceptPrincipals: ['222222222222', 'arn:aws:iam::111111111111:user/owner'] };
    t.match((await restrict(others)).json.warnings, warned);
    const principals = { boundary: { principals: ['arn:aws:iam::123456789999:user/Mary'] } };
    t.match((await call('POST', `${BASE}/restrictions?dryRun=true`, principals)).json.warnings, warned);
    const rest = { actions: ['secretsmanager:ListSecretVersionIds'] };
    t.same((await restrict(rest)).json.warnings, [], 'no rotation lists versions');
    t.match(await rotate(), /AccessDeniedException/);
  },
);

t.test('service-linked roles are denied, unless they are excepted', async (t) => {
  const denied = await rotating(t, SERVICE_LINKED);
  t.equal((await denied.restrict()).status, 201);
  t.match(await denied.rotate(), /AccessDeniedException/);

  const spared = await rotating(t, SERVICE_LINKED);
  const { status, json } = await spared.restrict({ exceptServiceLinkedRoles: true });
  t.equal(status, 201);
  t.match(json.restriction, {
    exceptServiceLinkedRoles: true,
    words: { conditions: ['not for the roles that AWS services have of their own'] },
  });
  t.equal(await spared.rotate(), undefined);
  const { restrictions, foreign } = (await spared.call('GET', `${BASE}/policy`)).json;
  matchList(t, restrictions, [{ id: json.restriction.id, exceptServiceLinkedRoles: true }], 'it is read as ours');
  t.same(foreign, []);
});

t.test('both forms stand beside each other: with and without service-linked roles', async (t) => {
  const { restrict, call } = await rotating(t);
  const [plain, spared] = [await restrict(), await restrict({ exceptServiceLinkedRoles: true })];
  t.not(plain.json.restriction.id, spared.json.restriction.id);
  t.equal((await restrict({ exceptServiceLinkedRoles: false })).json.restriction.id, plain.json.restriction.id);
  const { restrictions, foreign } = (await call('GET', `${BASE}/policy`)).json;
  matchList(t, restrictions, [{ exceptServiceLinkedRoles: false }, { exceptServiceLinkedRoles: true }]);
  t.same(foreign, []);
});
