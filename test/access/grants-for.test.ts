import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { grantsFor } from '../../src/access/judge/key/grants-for.ts';
import type { KeyGrant } from '../../src/access/judge/key/keys.ts';
import { readerOf } from '../../src/access/judge/reader.ts';
import { evaluateStatements } from '../../src/policy/evaluate/evaluate.ts';
import { holds } from '../policy/property.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf';
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/one';

const grantOf = (grantee: string): KeyGrant => ({
  grantId: grantee,
  name: null,
  grantee,
  operations: ['Decrypt'],
  constraints: { subset: { SecretARN: SECRET } },
  createdAt: null,
});

const NAMES = [
  '123456789999',
  'arn:aws:iam::123456789999:root',
  'arn:aws:iam::123456789999:user/Mary',
  'arn:aws:iam::222222222222:root',
  'arn:aws:iam::222222222222:role/app',
  'arn:aws:iam::222222222222:role/ops/app',
  'arn:aws:iam::222222222222:role/ops/other',
  'arn:aws:sts::222222222222:assumed-role/app/one',
  'arn:aws:sts::222222222222:assumed-role/other/two',
  'arn:aws:sts::222222222222:federated-user/feder',
  'rds.amazonaws.com',
];
const READERS = [...NAMES, '*', 'o-local00001', 'AROAEXAMPLEEXAMPLE001'];

holds(
  'the grants that are looked at for a caller are all that could be for it',
  fc.property(fc.uniqueArray(fc.constantFrom(...NAMES)), fc.constantFrom(...READERS), (grantees, name) => {
    const { caller } = readerOf(name, 'aws');
    const judge = (grants: ReturnType<ReturnType<typeof grantsFor>>) => {
      const Statement = grants.map(({ statement }) => statement);
      const request = { caller, action: 'kms:Decrypt', resource: KEY, resourceAccount: '111111111111', context: {} };
      return evaluateStatements({ Statement }, { ...request, contextIs: 'partial' }, 'resourcePolicy').map(
        ({ statement, applies }) => JSON.stringify([statement.Principal, applies]),
      );
    };
    const all = grantsFor(grantees.map(grantOf), SECRET)(readerOf('*', 'aws').caller);
    assert.equal(all.length, grantees.length);
    assert.deepEqual(judge(grantsFor(grantees.map(grantOf), SECRET)(caller)).sort(), judge(all).sort());
  }),
  500,
);

t.test('of the 50,000 grants that a key may have, a reader’s own are looked at', async (t) => {
  const users = Array.from({ length: 50_000 }, (_, index) => `arn:aws:iam::222222222222:user/u${index}`);
  const grants = grantsFor([...users, '222222222222'].map(grantOf), SECRET);
  for (const user of users.slice(0, 100)) t.equal(grants(readerOf(user, 'aws').caller).length, 2);
});
