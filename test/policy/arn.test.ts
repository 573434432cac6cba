import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { PARTITIONS, parseArn, parseSecretArn, partitionOfRegion } from '../../src/policy/arn.ts';
import { holds } from './property.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf';

t.test('an ARN is taken apart; colons after the fifth belong to the resource', async (t) => {
  t.strictSame(parseArn(SECRET), {
    partition: 'aws',
    service: 'secretsmanager',
    region: 'us-east-1',
    account: '111111111111',
    resource: 'secret:prod/db-AbCdEf',
  });
  t.strictSame(parseArn('arn:aws:iam::111111111111:root')?.region, '');
});

for (const text of [
  '',
  'arn',
  'arn:aws',
  'arn:aws:iam::111111111111',
  'arn:aws:iam::111111111111:',
  'ARN:aws:iam::1:root',
  'arn::iam::1:root',
  'arn:aws:::1:root',
  'prod/db',
  ' arn:aws:iam::1:root',
]) {
  t.test(`not an ARN: ${JSON.stringify(text)}`, async (t) => {
    t.equal(parseArn(text), undefined);
  });
}

t.test('a secret’s full ARN gives its name, whatever stands in it', async (t) => {
  const nameOf = (name: string) =>
    parseSecretArn(`arn:aws:secretsmanager:us-east-1:111111111111:secret:${name}-AbCdEf`)?.name;
  for (const name of ['a', 'prod/db', 'a-b-AbCdEf', '/_+=.@-', 'x'.repeat(512)]) t.equal(nameOf(name), name);
  for (const name of ['', 'x'.repeat(513), 'prod db', 'prod:db', 'größe', 'a*', 'a\n'])
    t.equal(nameOf(name), undefined);
});

for (const text of [
  'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db',
  'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdE',
  'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf\n',
  'arn:aws:secretsmanager:us-east-1:11111111111:secret:prod/db-AbCdEf',
  'arn:aws:secretsmanager:us-east-1::secret:prod/db-AbCdEf',
  'arn:aws:ssm:us-east-1:111111111111:secret:prod/db-AbCdEf',
  'arn:aws:secretsmanager:us-east-1:111111111111:parameter:prod/db-AbCdEf',
]) {
  t.test(`not a secret’s full ARN: ${JSON.stringify(text)}`, async (t) => {
    t.equal(parseSecretArn(text), undefined);
  });
}

t.test('a Region tells its partition', async (t) => {
  t.equal(partitionOfRegion('us-east-1'), 'aws');
  t.equal(partitionOfRegion('eu-central-2'), 'aws');
  t.equal(partitionOfRegion('cn-north-1'), 'aws-cn');
  t.equal(partitionOfRegion('us-gov-west-1'), 'aws-us-gov');
  t.strictSame([...PARTITIONS], ['aws', 'aws-cn', 'aws-us-gov']);
});

holds(
  'any text is read or refused, never a crash',
  fc.property(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('arn', 'aws', ':', 'iam', '1', '')).map((parts) => parts.join(':')),
    ),
    (text) => {
      const arn = parseArn(text);
      if (arn === undefined) return;
      const { partition, service, region, account, resource } = arn;
      assert.equal(['arn', partition, service, region, account, resource].join(':'), text);
    },
  ),
  1000,
);
