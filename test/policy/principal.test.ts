import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { PARTITIONS } from '../../src/policy/arn.ts';
import { EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { addEntry } from '../../src/policy/entries/edit.ts';
import { denyPrincipalArn } from '../../src/policy/entries/templates/deny-principal-arn.ts';
import { restrictToOrganization } from '../../src/policy/entries/templates/restrict-to-organization.ts';
import { isUniqueId, type Principal, parsePrincipal, roleOf, sameRole } from '../../src/policy/principals/principal.ts';
import { unnameable, unnameableIn } from '../../src/policy/principals/unnameable.ts';
import { cpuSince } from '../cpu.ts';
import { partitions, principalsOf } from './arbitraries.ts';
import { holds } from './property.ts';
import { READ, share } from './views.ts';

type Table = {
  good: { name: string; text: string; principal: Partial<Principal> }[];
  /** `kind`: of what no policy can name, so that another try is no use. */
  bad: { name: string; text: string; kind?: string }[];
};
const table: Table = JSON.parse(readFileSync(new URL('../cases/principals.json', import.meta.url), 'utf8'));

for (const { name, text, principal } of table.good) {
  t.test(`a principal: ${name}`, async (t) => {
    t.match(parsePrincipal(text), principal);
    if (text.startsWith('arn:')) t.equal(parsePrincipal(text)?.arn, text, 'an ARN stays as it is');
  });
}

for (const { name, text, kind } of table.bad) {
  t.test(`not a principal: ${name}`, async (t) => {
    t.equal(parsePrincipal(text), undefined);
    t.equal(unnameable(text)?.kind, kind);
    const code = kind === undefined ? 'validation-failed' : 'principal-not-nameable';
    t.throws(() => share(EMPTY_POLICY, { principal: text }), { code });
  });
}

t.test('a condition on aws:PrincipalArn takes no account, session, wildcard or variable', async (t) => {
  for (const principal of [
    '222222222222',
    'arn:aws:iam::222222222222:root',
    'arn:aws:sts::222222222222:assumed-role/app/deploy',
    'arn:aws:iam::222222222222:role/*',
    `arn:aws:iam::222222222222:user/\${aws:username}/x`,
  ]) {
    t.throws(() => addEntry(EMPTY_POLICY, denyPrincipalArn, { principal, actions: READ }, 'aws'), {
      code: principal.includes('*') ? 'principal-not-nameable' : 'validation-failed',
    });
  }
});

t.test('what AWS has attached it has taken, whatever we think of it', async (t) => {
  const statement = (name: string) =>
    ({ Effect: 'Deny', Principal: { Federated: name }, Action: READ, Resource: '*' }) as const;
  const [google, amazon] = [statement('accounts.google.com'), statement('www.amazon.com')];
  t.equal(unnameableIn([google], [google]), undefined);
  t.match(unnameableIn([google, amazon], [google]), { name: 'www.amazon.com', kind: 'identityProvider' });
});

t.test('an account id is of the secret’s partition', async (t) => {
  for (const partition of PARTITIONS) {
    t.equal(parsePrincipal('222222222222', partition)?.arn, `arn:${partition}:iam::222222222222:root`);
  }
});

t.test('a principal of another partition is a partition-mismatch, wherever it stands', async (t) => {
  for (const of of PARTITIONS) {
    for (const secret of PARTITIONS.filter((partition) => partition !== of)) {
      const principal = `arn:${of}:iam::222222222222:role/app`;
      const restriction = { organization: 'o-local00001', exceptPrincipals: [principal], actions: READ };
      t.throws(() => addEntry(EMPTY_POLICY, denyPrincipalArn, { principal, actions: READ }, secret), {
        code: 'partition-mismatch',
      });
      t.throws(() => addEntry(EMPTY_POLICY, restrictToOrganization, restriction, secret), {
        code: 'partition-mismatch',
      });
    }
  }
});

holds(
  'every principal is read, and reading its ARN again gives the same',
  fc.property(
    partitions.chain((partition) => fc.tuple(fc.constant(partition), principalsOf(partition))),
    ([partition, text]) => {
      const principal = parsePrincipal(text, partition);
      assert.equal(principal?.partition, partition);
      assert.deepEqual(parsePrincipal(principal?.arn ?? '', partition), principal);
    },
  ),
);

t.test('the unique ids of deleted roles and users are known as such, and nothing else is', async (t) => {
  for (const id of ['AROAQ3EGSBS4XFEXAMPLE', 'AIDAQ3EGSBS4XFEXAMPLE']) t.ok(isUniqueId(id), id);
  for (const text of [
    'AKIAQ3EGSBS4XFEXAMPLE',
    'ASIAQ3EGSBS4XFEXAMPLE',
    'AROA',
    'aroaq3egsbs4xfexample',
    'AROAQ3EGSBS4XFEXAMPLE\n',
    'xAROAQ3EGSBS4XFEXAMPLE',
  ]) {
    t.notOk(isUniqueId(text), text);
  }
});

t.test('a role is the same whatever its path, and so are its sessions, which show none', async (t) => {
  const session = 'arn:aws-cn:sts::222222222222:assumed-role/app/deploy';
  const role = 'arn:aws-cn:iam::222222222222:role/app';
  t.equal(roleOf(session), role);
  t.equal(roleOf('arn:aws-cn:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/app'), role);
  for (const other of [role, session, 'arn:aws-cn:iam::222222222222:role/a/b/app'])
    t.ok(sameRole(session, other), other);
  for (const other of [
    'arn:aws:iam::222222222222:role/app',
    'arn:aws-cn:iam::333333333333:role/app',
    'arn:aws-cn:iam::222222222222:role/a/b/App',
    'arn:aws-cn:iam::222222222222:user/app',
    'arn:aws-cn:sts::222222222222:federated-user/app',
  ]) {
    t.notOk(sameRole(session, other), other);
  }
  t.notOk(sameRole('arn:aws:iam::222222222222:user/Mary', 'arn:aws:iam::222222222222:user/Mary'), 'users are no roles');
});

t.test('a hostile text is refused in linear time', async (t) => {
  const begun = process.threadCpuUsage();
  for (const text of ['user/'.repeat(200_000), 'a/'.repeat(500_000), '!'.repeat(1_000_000), '/'.repeat(1_000_000)]) {
    t.equal(parsePrincipal(`arn:aws:iam::222222222222:user/${text}`), undefined);
  }
  t.ok(cpuSince(begun) < 2000);
});
