import {
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  ValidateResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { allowMary, arnOf, denyMary, MARY, policyOf, SERVICE_ROLE, start } from './start.ts';

async function withSecret(t: Test) {
  const { local, secretsManager } = await start(t);
  const SecretId = arnOf(local, 'demo/database');
  const service = secretsManager('LOCALSERVICE');
  return {
    ...local,
    SecretId,
    secretsManager,
    put: (ResourcePolicy: string, BlockPublicPolicy = true) =>
      service.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy })),
    get: async () => (await service.send(new GetResourcePolicyCommand({ SecretId }))).ResourcePolicy,
    validate: async (ResourcePolicy: string) =>
      service.send(new ValidateResourcePolicyCommand({ SecretId, ResourcePolicy })),
  };
}

t.test('a policy comes back normalised, as AWS writes it', async (t) => {
  const { put, get } = await withSecret(t);
  await put(
    JSON.stringify({
      Statement: {
        Resource: ['*'],
        Condition: { Bool: { 'aws:SecureTransport': [true] }, StringEquals: { 'aws:PrincipalTag/team': ['a', 'b'] } },
        Action: ['secretsmanager:GetSecretValue'],
        Principal: { AWS: ['123456789999'] },
        Effect: 'Allow',
        Sid: 'One',
      },
    }),
  );
  t.equal(
    await get(),
    JSON.stringify({
      Version: '2008-10-17',
      Statement: [
        {
          Sid: 'One',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789999:root' },
          Action: 'secretsmanager:GetSecretValue',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:PrincipalTag/team': ['a', 'b'] } },
        },
      ],
    }),
  );
});

t.test('a deleted principal shows as its unique id, and its successor of the same name is another', async (t) => {
  const { put, get, directory, secretsManager, SecretId } = await withSecret(t);
  const arn = 'arn:aws:iam::111111111111:role/deploy/robot';
  const everything = {
    Version: '2012-10-17' as const,
    Statement: { Effect: 'Allow' as const, Action: '*', Resource: '*' },
  };
  const deny = policyOf({ ...denyMary, Principal: { AWS: arn } });
  const read = (key: string) => secretsManager(key).send(new GetSecretValueCommand({ SecretId }));
  const { uniqueId } = directory.createRole({ arn, policies: [everything], accessKeyId: 'FIRST' });
  await put(deny);
  t.match(await get(), arn);
  await t.rejects(read('FIRST'), { message: /explicit deny/ });

  directory.deletePrincipal(arn);
  t.match(JSON.parse((await get()) ?? ''), { Statement: [{ Principal: { AWS: /^AROA[A-Z0-9]{17}$/ } }] });
  t.match(await get(), uniqueId);
  await t.rejects(read('FIRST'), { name: 'UnrecognizedClientException' });
  await t.rejects(put((await get()) ?? ''), { message: 'This resource policy contains an unsupported principal' });

  directory.createRole({ arn, policies: [everything], accessKeyId: 'SECOND' });
  t.match(await get(), uniqueId, 'the old id stays');
  await t.resolves(read('SECOND'), 'the deny has lapsed');
  await put(deny);
  await t.rejects(read('SECOND'), { message: /explicit deny/ });
});

t.test('principals must exist', async (t) => {
  const { put, directory } = await withSecret(t);
  directory.createRole({ arn: 'arn:aws:iam::123456789999:role/team/app', policies: [] });
  const withPrincipal = (Principal: unknown) => put(policyOf({ ...allowMary, Principal }));
  for (const AWS of [
    '999999999999',
    'arn:aws:iam::999999999999:root',
    MARY,
    'arn:aws:iam::123456789999:role/team/app',
    'arn:aws:sts::123456789999:assumed-role/app/session',
    'arn:aws:sts::123456789999:federated-user/bob',
  ]) {
    await t.resolves(withPrincipal({ AWS }), AWS);
  }
  await t.resolves(withPrincipal({ Service: 'lambda.amazonaws.com' }));
  for (const AWS of [
    'arn:aws:iam::123456789999:user/mary',
    'arn:aws:iam::123456789999:role/app',
    'arn:aws:sts::123456789999:assumed-role/none/session',
    'arn:aws:iam::123456789999:group/admins',
    'arn:aws:iam::123456789999:user/*',
    'arn:aws-cn:iam::123456789999:root',
    'AROAAAAAAAAAAAAAAAAAA',
    '12345',
  ]) {
    await t.rejects(
      withPrincipal({ AWS }),
      {
        name: 'MalformedPolicyDocumentException',
        message: 'This resource policy contains an unsupported principal',
        $metadata: { httpStatusCode: 400 },
      },
      AWS,
    );
  }
  for (const Principal of [
    { Federated: 'accounts.google.com' },
    { Service: 'lamda.amazonaws.com' },
    { Service: 'lambda.amazonaws.org' },
    { AWS: MARY, Service: ['lambda.amazonaws.com', 'no.service.amazonaws.com'] },
  ]) {
    await t.rejects(withPrincipal(Principal), { message: /unsupported principal/ }, JSON.stringify(Principal));
  }
  await t.resolves(withPrincipal({ Service: ['logs.us-east-1.amazonaws.com', 'delivery.logs.amazonaws.com'] }));
});

t.test('an organization is compared with that of the secret, and Sids may have hyphens', async (t) => {
  const { secretsManager, SecretId, accounts } = await withSecret(t);
  const Condition = { StringEquals: { 'aws:ResourceOrgID': `\${aws:PrincipalOrgID}` } };
  const ResourcePolicy = policyOf({ ...allowMary, Sid: 'same-organization', Principal: '*', Condition });
  await secretsManager('LOCALOWNER').send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  const read = () => secretsManager('LOCALMARY').send(new GetSecretValueCommand({ SecretId }));
  await t.resolves(read());
  accounts.setOrganization('123456789999', 'o-another001', ['r-anot']);
  await t.rejects(read(), { name: 'AccessDeniedException' });
});

t.test('malformed policies are refused', async (t) => {
  const { put, get } = await withSecret(t);
  const { Effect: _effect, ...noEffect } = allowMary;
  const { Principal: _principal, ...noPrincipal } = allowMary;
  const { Action: _action, ...noAction } = allowMary;
  const { Resource: _resource, ...noResource } = allowMary;
  const faults: Record<string, string> = {
    'not JSON': '{',
    'not an object': '[]',
    'no statement': policyOf(),
    'wrong Version': JSON.stringify({ Version: '2012-10-18', Statement: [allowMary] }),
    'unknown element': policyOf({ ...allowMary, Actions: 'x' }),
    'no Effect': policyOf(noEffect),
    'wrong Effect': policyOf({ ...allowMary, Effect: 'allow' }),
    'no Principal': policyOf(noPrincipal),
    'no Action': policyOf(noAction),
    'no Resource': policyOf(noResource),
    'empty principal list': policyOf({ ...allowMary, Principal: { AWS: [] } }),
    'both Action and NotAction': policyOf({ ...allowMary, NotAction: 'secretsmanager:GetSecretValue' }),
    'action of another service': policyOf({ ...allowMary, Action: 's3:GetObject' }),
    'duplicate Sid': policyOf({ ...allowMary, Sid: 'A' }, { ...denyMary, Sid: 'A' }),
    'bad Sid': policyOf({ ...allowMary, Sid: 'a b' }),
    'the same key twice': `{"Statement":[],${policyOf(allowMary).slice(1)}`,
    'unknown operator': policyOf({ ...allowMary, Condition: { StringEqual: { 'aws:PrincipalOrgID': 'o-1' } } }),
    'not a condition key': policyOf({ ...allowMary, Condition: { StringEquals: { PrincipalOrgID: 'o-1' } } }),
  };
  for (const [fault, policy] of Object.entries(faults)) {
    await t.rejects(put(policy), { name: 'MalformedPolicyDocumentException' }, fault);
  }
  t.equal(await get(), undefined, 'a refused policy leaves nothing behind');
});

t.test('a policy has 20,480 characters at most', async (t) => {
  const { put } = await withSecret(t);
  const policy = policyOf(allowMary);
  await t.resolves(put(policy.padEnd(20_480)));
  await t.rejects(put(policy.padEnd(20_481)), {
    name: 'ValidationException',
    message: /'resourcePolicy' failed to satisfy constraint: Member must have length less than or equal to 20480/,
  });
});

t.test('public policies are refused when BlockPublicPolicy is set, which the service must set', async (t) => {
  const { put, SecretId, secretsManager } = await withSecret(t);
  const everyone = (Condition?: object) => policyOf({ ...allowMary, Principal: '*', ...(Condition && { Condition }) });
  const open = [
    everyone(),
    policyOf({ ...allowMary, Principal: { AWS: ['123456789999', '*'] } }),
    everyone({ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-local00001' } }),
    everyone({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-local00001' } }),
    everyone({ StringLike: { 'aws:PrincipalOrgID': '*' } }),
    everyone({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }),
    everyone({ Bool: { 'aws:SecureTransport': 'true' } }),
    everyone({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/app' } }),
  ];
  for (const policy of open) await t.rejects(put(policy), { name: 'PublicPolicyException' }, policy);
  const tied = [
    everyone({ StringEquals: { 'aws:PrincipalOrgID': 'o-local00001' } }),
    everyone({ StringEquals: { 'aws:PrincipalAccount': '123456789999' } }),
    everyone({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789999:role/*' } }),
    everyone({ StringEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' } }),
    everyone({ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
    policyOf({ ...denyMary, Principal: '*', Condition: { StringEquals: { 'aws:PrincipalArn': MARY } } }),
  ];
  for (const policy of tied) await t.resolves(put(policy), policy);
  await t.rejects(put(everyone(), false), { name: 'AccessDeniedException' }, 'the role of the service');
  const ResourcePolicy = everyone();
  await t.resolves(secretsManager('LOCALOWNER').send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy })));
});

t.test('ValidateResourcePolicy makes three checks', async (t) => {
  const { validate, put, get } = await withSecret(t);
  const failed = (...checks: string[]) => ({
    PolicyValidationPassed: false,
    ValidationErrors: checks.map((CheckName) => ({ CheckName, ErrorMessage: String })),
  });
  t.match(await validate(policyOf(allowMary, denyMary)), { PolicyValidationPassed: true, ValidationErrors: [] });
  for (const none of ['{', '{"Version":"2012-10-17"}', '{"Statement":[{"Action":"*","Resource":"*"}]}'])
    await t.rejects(validate(none), { name: 'MalformedPolicyDocumentException' }, none);
  t.match(await validate(policyOf({ ...allowMary, Principal: { AWS: `${MARY}x` } })), {
    ValidationErrors: [{ CheckName: 'PolicySyntax', ErrorMessage: /unsupported principal/ }],
  });
  t.match(await validate(policyOf({ ...allowMary, Principal: '*' })), failed('BroadAccess'));
  const lockOut = { ...denyMary, Action: 'secretsmanager:*', Principal: { AWS: SERVICE_ROLE } };
  t.match(await validate(policyOf(lockOut)), failed('CallerLockOut'));
  t.equal(await get(), undefined, 'validation attaches nothing');
  await put(policyOf(lockOut));
  await t.rejects(get(), { message: /explicit deny in a resource-based policy/ }, 'Put itself does not look');
});
