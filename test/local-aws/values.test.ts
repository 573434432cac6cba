import * as sdk from '@aws-sdk/client-secrets-manager';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { secretsManagerOperations } from '../../src/local-aws/secrets-manager/index.ts';
import { allowMary, arnOf, policyOf, start } from './start.ts';

t.test('every operation of the service model is answered', (t) => {
  const commands = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
  t.same(Object.keys(secretsManagerOperations).sort(), commands.sort());
  t.equal(commands.length, 23);
  t.end();
});

t.test('a batch gives the values that the caller may read, and an error for each of the others', async (t) => {
  const { local, secretsManager } = await start(t);
  const [owner, mary, SecretId] = [
    secretsManager('LOCALOWNER'),
    secretsManager('LOCALMARY'),
    arnOf(local, 'demo/database'),
  ];
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  const other = arnOf(local, 'demo/api-key');
  const answer = await mary.send(new BatchGetSecretValueCommand({ SecretIdList: [SecretId, other, 'nowhere'] }));
  t.match(answer.SecretValues, [{ ARN: SecretId, Name: 'demo/database', VersionStages: ['AWSCURRENT'] }]);
  t.match(answer.Errors, [
    { SecretId: other, ErrorCode: 'AccessDeniedException', Message: /secretsmanager:GetSecretValue/ },
    { SecretId: 'nowhere', ErrorCode: 'ResourceNotFoundException' },
  ]);
  const service = secretsManager('LOCALSERVICE');
  await t.rejects(service.send(new BatchGetSecretValueCommand({ SecretIdList: [SecretId] })), {
    name: 'AccessDeniedException',
    message: /secretsmanager:BatchGetSecretValue on resource: \*/,
  });
});

t.test('a batch by filters comes in pages', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const Filters = [{ Key: 'name' as const, Values: ['demo/'] }];
  const first = await owner.send(new BatchGetSecretValueCommand({ Filters, MaxResults: 2 }));
  const rest = await owner.send(new BatchGetSecretValueCommand({ Filters, MaxResults: 2, NextToken: first.NextToken }));
  const names = [first, rest].map(({ SecretValues = [] }) => SecretValues.map(({ Name }) => Name));
  t.same(names, [['demo/api-key', 'demo/database'], ['demo/default-key']]);
  t.notOk(rest.NextToken);
  const invalid = { name: 'InvalidParameterException' };
  await t.rejects(owner.send(new BatchGetSecretValueCommand({})), invalid);
  await t.rejects(owner.send(new BatchGetSecretValueCommand({ Filters, SecretIdList: ['demo/api-key'] })), invalid);
});

t.test('what is read shows when, and the version that AWSCURRENT leaves is not pending any longer', async (t) => {
  const { secretsManager } = await start(t, { clock: () => new Date('2026-03-04T05:06:07Z') });
  const owner = secretsManager('LOCALOWNER');
  const SecretId = 'rotated';
  const made = await owner.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'a' }));
  const put = (SecretString: string, ...VersionStages: string[]) =>
    owner.send(new PutSecretValueCommand({ SecretId, SecretString, VersionStages }));
  const { VersionId: pending } = await put('b', 'AWSPENDING');
  await owner.send(
    new UpdateSecretVersionStageCommand({
      ...{ SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: pending },
      RemoveFromVersionId: made.VersionId,
    }),
  );
  const versions = async () =>
    (await owner.send(new ListSecretVersionIdsCommand({ SecretId }))).Versions?.map((version) => [
      version.VersionId,
      version.VersionStages?.toSorted().join(),
      version.LastAccessedDate?.toISOString(),
    ]).toSorted();
  const rows = (...these: unknown[][]) => these.toSorted();
  t.same(
    await versions(),
    rows([made.VersionId, 'AWSPREVIOUS', undefined], [pending, 'AWSCURRENT,AWSPENDING', undefined]),
  );
  await owner.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId: third } = await put('c', 'AWSCURRENT');
  t.same(
    await versions(),
    rows([pending, 'AWSPREVIOUS', '2026-03-04T00:00:00.000Z'], [third, 'AWSCURRENT', undefined]),
  );
});

t.test('a staging label is moved from the version that is named, and AWSPREVIOUS follows AWSCURRENT', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const [first, second] = [`${'1'.repeat(32)}`, `${'2'.repeat(32)}`];
  const SecretId = 'staged';
  await owner.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'a', ClientRequestToken: first }));
  await owner.send(
    new PutSecretValueCommand({ SecretId, SecretString: 'b', ClientRequestToken: second, VersionStages: ['mine'] }),
  );
  const move = (VersionStage: string, MoveToVersionId?: string, RemoveFromVersionId?: string) =>
    owner.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId }));
  const stages = async () => (await owner.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;
  await t.rejects(move('AWSCURRENT', second), { name: 'InvalidParameterException', message: /can't be empty/ });
  await t.rejects(move('AWSCURRENT', undefined, first), { message: /can't be completely removed/ });
  await t.rejects(move('mine', first, first), { message: /not currently attached/ });
  await t.rejects(move('mine', '3'.repeat(32), second), { name: 'ResourceNotFoundException' });
  await move('AWSCURRENT', second, first);
  t.same(await stages(), { [first]: ['AWSPREVIOUS'], [second]: ['mine', 'AWSCURRENT'] });
  t.match(await owner.send(new GetSecretValueCommand({ SecretId })), { SecretString: 'b' });
  await move('mine', undefined, second);
  await move('other', first);
  t.same(await stages(), { [first]: ['AWSPREVIOUS', 'other'], [second]: ['AWSCURRENT'] });
});

t.test('a random password has each type that is included, and nothing that is excluded', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  const password = async (input: object) =>
    (await owner.send(new GetRandomPasswordCommand(input))).RandomPassword ?? '';
  t.equal((await password({})).length, 32);
  const short = await password({ PasswordLength: 4 });
  t.equal((await password({ PasswordLength: 4, IncludeSpace: true })).length, 4, 'a blank is no type');
  for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) t.match(short, type);
  t.match(await password({ ExcludePunctuation: true, ExcludeUppercase: true, ExcludeNumbers: true }), /^[a-z]{32}$/);
  const few = { ExcludePunctuation: true, ExcludeUppercase: true, ExcludeLowercase: true };
  t.match(await password({ ...few, ExcludeCharacters: '012345678' }), /^9{32}$/);
  t.match(await password({ ...few, ExcludeNumbers: true, IncludeSpace: true }), /^ {32}$/);
  const invalid = { name: 'InvalidParameterException' };
  await t.rejects(password({ PasswordLength: 3 }), invalid);
  await t.rejects(password({ ...few, ExcludeNumbers: true }), invalid);
  await t.rejects(password({ PasswordLength: 4097 }), { name: 'ValidationException' });
});
