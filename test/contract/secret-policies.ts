import { randomUUID } from 'node:crypto';
import { CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  ReplicateSecretToRegionsCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Test } from 'tap';
import type { KeyGrants } from '../../src/access/grants/grants-at-key.ts';
import type { Keys } from '../../src/access/judge/key/keys.ts';
import type { SecretDirectory } from '../../src/access/looks/secret-directory.ts';
import type { SecretPolicies } from '../../src/access/write/secret-policies.ts';
import { statementsOf } from '../../src/policy/document.ts';
import { problemOf } from '../aws/start.ts';
import { matchList } from '../match-list.ts';

/** A Secrets Manager to run the suite against: our adapters before it, and its owner's own clients. */
export type Backend = {
  policies: SecretPolicies;
  directory: SecretDirectory;
  keys: Keys & KeyGrants;
  owner: { secretsManager: SecretsManagerClient; kms: KMSClient };
  /** A principal that this backend knows. */
  principal: string;
};

/**
 * What every Secrets Manager must do through our ports.
 * @param lenient why the tests that want refusals as AWS makes them are skipped, where a backend is not able to; else false
 */
export function secretPoliciesContract(
  t: Test,
  start: (t: Test) => Promise<Backend>,
  lenient: string | false = false,
): void {
  const share = (principal: string, action = 'secretsmanager:GetSecretValue') => ({
    Effect: 'Allow',
    Action: action,
    Principal: { AWS: principal },
    Resource: '*',
  });
  const text = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

  async function createSecret({ owner }: Backend, Name = `contract/${randomUUID()}`) {
    const Tags = [{ Key: 'team', Value: 'payments' }];
    const { ARN = '' } = await owner.secretsManager.send(
      new CreateSecretCommand({ Name, SecretString: 'x', Description: 'one', Tags }),
    );
    return { name: Name, arn: ARN };
  }

  t.test('a secret is described by name and by ARN alike', async (t) => {
    const backend = await start(t);
    const { name, arn } = await createSecret(backend);
    const secret = await backend.policies.describe(name);
    t.match(secret, {
      arn,
      name,
      description: 'one',
      partition: 'aws',
      region: 'us-east-1',
      tags: { team: 'payments' },
    });
    t.match(secret, { kmsKeyId: null, owningService: null, deletedAt: null });
    t.equal(secret.account, arn.split(':')[4]);
    t.strictSame(await backend.policies.describe(arn), secret);
  });

  t.test('a secret that is not there is secret-not-found, whatever is asked', async (t) => {
    const backend = await start(t);
    const missing = (await createSecret(backend)).arn.replace(/secret:.*/, 'secret:none-AbCdEf');
    const { policies } = backend;
    for (const ask of [
      () => policies.describe('no/such/secret'),
      () => policies.describe(missing),
      () => policies.get(missing),
      () => policies.put(missing, text(share(backend.principal))),
      () => policies.delete(missing),
    ]) {
      t.match(await problemOf(ask()), { code: 'secret-not-found', facts: { awsRequestId: String } });
    }
  });

  t.test('no policy is null; put replaces the whole policy; delete detaches it, also when there is none', async (t) => {
    const backend = await start(t);
    const { policies, principal } = backend;
    const { arn } = await createSecret(backend);
    t.equal(await policies.get(arn), null);
    t.type((await policies.put(arn, text({ Sid: 'First', ...share(principal) }))).awsRequestId, 'string');
    await policies.put(arn, text({ Sid: 'Second', ...share(principal, 'secretsmanager:DescribeSecret') }));
    const statements = statementsOf(await policies.get(arn));
    t.equal(statements.length, 1);
    matchList(t, statements, [{ Sid: 'Second', Action: /DescribeSecret/, Principal: { AWS: principal } }]);
    t.type((await policies.delete(arn)).awsRequestId, 'string');
    t.equal(await policies.get(arn), null);
    await policies.delete(arn);
  });

  t.test('a replica is described as one, and refuses a change', async (t) => {
    const backend = await start(t);
    const { name, arn } = await createSecret(backend);
    const AddReplicaRegions = [{ Region: 'eu-central-1' }];
    await backend.owner.secretsManager.send(new ReplicateSecretToRegionsCommand({ SecretId: name, AddReplicaRegions }));
    t.match(await backend.policies.describe(arn), { region: 'us-east-1', replicaRegions: ['eu-central-1'] });
    const replica = arn.replace('us-east-1', 'eu-central-1');
    t.match(await backend.policies.describe(replica), { region: 'eu-central-1', primaryRegion: 'us-east-1' });
    const problem = await problemOf(backend.policies.put(replica, text(share(backend.principal))));
    t.equal(problem.code, 'secret-is-replica');
  });

  t.test('a secret scheduled for deletion shows it, in the list too', async (t) => {
    const backend = await start(t);
    const { name, arn } = await createSecret(backend);
    await backend.owner.secretsManager.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    t.match((await backend.policies.describe(arn)).deletedAt, /^\d{4}-\d\d-\d\dT/);
    t.match((await backend.directory.list({ namePrefix: name, limit: 5 })).items, [{ name, deletedAt: String }]);
  });

  t.test('a secret scheduled for deletion gives and takes no policy', { skip: lenient }, async (t) => {
    const backend = await start(t);
    const { name, arn } = await createSecret(backend);
    await backend.owner.secretsManager.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    const put = backend.policies.put(arn, text(share(backend.principal)));
    t.equal((await problemOf(put)).code, 'secret-pending-deletion');
    t.equal((await problemOf(backend.policies.get(arn))).code, 'secret-pending-deletion');
  });

  t.test('the list is by name prefix and in pages that leave nothing out', async (t) => {
    const backend = await start(t);
    const prefix = `list-${randomUUID()}/`;
    const names = Array.from({ length: 7 }, (_, n) => `${prefix}${n}`);
    for (const name of names) await createSecret(backend, name);
    await createSecret(backend, `other-${prefix}`);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<SecretDirectory['list']>> = await backend.directory.list({
        namePrefix: prefix,
        limit: 3,
        ...(cursor !== null && { cursor }),
      });
      t.ok(page.items.length <= 3);
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    t.strictSame(seen.sort(), names);
    const [first] = (await backend.directory.list({ namePrefix: `${prefix}0`, limit: 1 })).items;
    t.match(first, { name: `${prefix}0`, description: 'one', kmsKeyId: null, tags: { team: 'payments' } });
    await createSecret(backend, `rds!${prefix}`);
    const managed = await backend.directory.list({ namePrefix: `rds!${prefix}`, limit: 10 });
    matchList(t, managed.items, [{ name: `rds!${prefix}` }]);
    for (const never of ['!', `!${prefix}`, 'ä', 'a b']) {
      t.strictSame(await backend.directory.list({ namePrefix: never, limit: 10 }), { items: [], nextCursor: null });
    }
  });

  async function createKey({ owner, keys }: Backend) {
    const { KeyMetadata } = await owner.kms.send(new CreateKeyCommand({}));
    return keys.describe(KeyMetadata?.KeyId ?? '', 'us-east-1', KeyMetadata?.AWSAccountId ?? '');
  }

  t.test('a key is described, with its policy', async (t) => {
    const backend = await start(t);
    const key = await createKey(backend);
    t.match(key, { arn: /^arn:aws:kms:us-east-1:\d{12}:key\//, manager: 'CUSTOMER', enabled: true });
    t.equal(key.account, key.arn.split(':')[4]);
    matchList(t, statementsOf(await backend.keys.policy(key)), [{ Effect: 'Allow', Action: 'kms:*' }]);
    const missing = backend.keys.describe(randomUUID(), 'us-east-1', key.account);
    t.equal((await problemOf(missing)).code, 'kms-key-not-shareable');
  });

  t.test('a grant is for one secret, found by its name, and revoked, also twice', async (t) => {
    const backend = await start(t);
    const { keys, principal } = backend;
    const { arn: secretArn } = await createSecret(backend);
    const key = await createKey(backend);
    t.strictSame(await keys.grants(key), []);
    const operations = ['Decrypt', 'DescribeKey'] as const;
    const wanted = { principal, secretArn, operations, name: 'change-1' };
    if (!lenient) {
      await keys.tryGrant(key, wanted);
      t.strictSame(await keys.grants(key), [], 'tried, and not made');
    }
    const { grantId, awsRequestId } = await keys.createGrant(key, wanted);
    t.type(awsRequestId, 'string');
    const [grant] = await keys.grants(key);
    t.match(grant, {
      grantId,
      name: 'change-1',
      grantee: principal,
      constraints: { subset: { SecretARN: secretArn } },
    });
    if (!lenient) t.type(grant?.createdAt, Date);
    t.strictSame(grant?.operations.toSorted(), ['Decrypt', 'DescribeKey']);
    await keys.revokeGrant(key, grantId);
    await keys.revokeGrant(key, grantId);
    t.strictSame(await keys.grants(key), []);
  });

  t.test(
    'a grant made again under its name is the same grant, and nobody unknown gets one',
    { skip: lenient },
    async (t) => {
      const backend = await start(t);
      const { arn: secretArn } = await createSecret(backend);
      const key = await createKey(backend);
      const operations = ['Decrypt'] as const;
      const grant = { principal: backend.principal, secretArn, operations, name: 'change-1' };
      const { grantId } = await backend.keys.createGrant(key, grant);
      t.equal((await backend.keys.createGrant(key, grant)).grantId, grantId);
      t.equal((await backend.keys.grants(key)).length, 1);
      const nobody = backend.keys.createGrant(key, { ...grant, principal: 'arn:aws:iam::123456789999:user/Nobody' });
      t.equal((await problemOf(nobody)).code, 'principal-not-found');
      const tried = backend.keys.tryGrant(key, { ...grant, principal: 'arn:aws:iam::123456789999:user/Nobody' });
      t.equal((await problemOf(tried)).code, 'principal-not-found');
    },
  );

  t.test('policies are judged before they are attached', { skip: lenient }, async (t) => {
    const backend = await start(t);
    const { policies, principal } = backend;
    const { arn } = await createSecret(backend);
    const refused: [string, string][] = [
      [text(share('arn:aws:iam::123456789999:user/Nobody')), 'principal-not-found'],
      [text(share('*')), 'policy-public'],
      ['{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps"}]}', 'policy-malformed'],
      ['not json', 'policy-malformed'],
      [text({ ...share(principal), Sid: 'x'.repeat(20_480) }), 'policy-too-large'],
    ];
    for (const [policy, code] of refused) {
      const problem = await problemOf(policies.put(arn, policy));
      t.match(problem, { code, facts: { awsRequestId: String } });
      t.equal(problem.facts.uncertain, undefined);
    }
    t.equal(await policies.get(arn), null, 'nothing was attached');
    t.strictSame(await policies.validate(arn, text(share(principal))), []);
    const unknown = policies.validate(arn, text(share('arn:aws:iam::123456789999:user/Nobody')));
    t.match(await problemOf(unknown), { code: 'principal-not-found', facts: { awsRequestId: String } });
    for (const policy of [text(share('*')), text({ ...share('*', 'secretsmanager:*'), Effect: 'Deny' })]) {
      t.match(await policies.validate(arn, policy), [{ check: String, message: String }]);
    }
    t.equal(await policies.get(arn), null, 'validating attaches nothing');
  });
}
