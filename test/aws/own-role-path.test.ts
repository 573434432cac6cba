import t, { type Test } from 'tap';
import { build } from '../helper.ts';

const PATH = '/v1/secrets/demo%2Fapi-key';
const OWN_ROLE = 'arn:aws:iam::111111111111:role/service/secret-access-keeper';

/** The service runs as a role with a path, which its session does not show. */
async function pathed(t: Test) {
  const service = await build(t, {
    overrides: { aws: { credentials: { accessKeyId: 'LOCALKEEPER', secretAccessKey: 'x' } } },
  });
  const { aws, call } = service;
  const policies = [aws.servicePolicy];
  aws.directory.createRole({ arn: OWN_ROLE, policies, accessKeyId: 'LOCALKEEPER' });
  const deny = (statement: object) =>
    call(
      'PUT',
      `${PATH}/policy`,
      { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Resource: '*', ...statement }] },
      { 'if-match': '*' },
    );
  const attached = await call('POST', `${PATH}/shares`, { principal: '123456789999' });
  t.equal(attached.status, 201, attached.body);
  return deny;
}

const Action = 'secretsmanager:DescribeSecret';

t.test('what locks the service’s own role out is refused, whatever the role’s path', async (t) => {
  const deny = await pathed(t);
  const byPrincipal = await deny({ Principal: { AWS: OWN_ROLE }, Action });
  t.match(byPrincipal, { status: 422, json: { code: 'policy-locks-out-caller' } }, byPrincipal.body);
  const byCondition = await deny({
    Principal: '*',
    Action,
    Condition: { ArnEquals: { 'aws:PrincipalArn': OWN_ROLE } },
  });
  t.match(byCondition, { status: 422, json: { code: 'policy-locks-out-caller' } }, byCondition.body);
  const byPattern = await deny({
    Principal: '*',
    Action,
    Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/service/*' } },
  });
  t.match(byPattern, { status: 422, json: { code: 'policy-locks-out-caller' } }, byPattern.body);
});

t.test('what excepts the service’s own role is accepted, whatever the role’s path', async (t) => {
  const deny = await pathed(t);
  const excepting = await deny({
    Principal: '*',
    Action,
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': [OWN_ROLE, 'arn:aws:iam::111111111111:user/owner'] } },
  });
  t.equal(excepting.status, 200, excepting.body);
});
