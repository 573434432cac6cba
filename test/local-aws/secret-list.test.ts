import { CreateSecretCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { start } from './start.ts';

t.test('ListSecrets filters and pages', async (t) => {
  const { secretsManager } = await start(t);
  const owner = secretsManager('LOCALOWNER');
  for (let index = 10; index < 35; index += 1) {
    const Tags = [{ Key: index % 2 === 0 ? 'even' : 'odd', Value: `value-${index}` }];
    await owner.send(new CreateSecretCommand({ Name: `page/${index}`, Description: `Number ${index}`, Tags }));
  }
  const names = async (input: ConstructorParameters<typeof ListSecretsCommand>[0]) => {
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await owner.send(new ListSecretsCommand({ ...input, ...(NextToken && { NextToken }) }));
      found.push(...(page.SecretList ?? []).map(({ Name = '' }) => Name));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };
  const filter = (Key: 'name' | 'description' | 'tag-key' | 'tag-value' | 'all', ...Values: string[]) => ({
    Key,
    Values,
  });
  const all = await names({ MaxResults: 7 });
  t.equal(new Set(all).size, 28);
  t.same(await names({ MaxResults: 10, SortOrder: 'desc' }), [...all].reverse());
  t.same(
    await names({ Filters: [filter('name', 'page/1')] }),
    all.filter((name) => name.startsWith('page/1')),
  );
  t.same(
    await names({ Filters: [filter('name', '!page/')] }),
    all.filter((name) => !name.startsWith('page/')),
  );
  t.equal((await names({ Filters: [filter('name', 'page/'), filter('tag-key', 'even')] })).length, 13);
  t.same(await names({ Filters: [filter('tag-value', 'value-12', 'value-13')] }), ['page/12', 'page/13']);
  t.same(await names({ Filters: [filter('description', 'NUMBER 20')] }), ['page/20']);
  t.same(await names({ Filters: [filter('all', 'Database')] }), ['demo/database']);
  t.same(await names({ Filters: [filter('all', 'payments KEY')] }).then((found) => found.sort()), [
    'demo/api-key',
    'demo/database',
    'demo/default-key',
  ]);
  t.same(await names({ Filters: [filter('name', 'page/1', '!page/12')] }), [
    'page/10',
    'page/11',
    ...[13, 14, 15, 16, 17, 18, 19].map((index) => `page/${index}`),
  ]);
  t.same(await names({ SortBy: 'name', SortOrder: 'asc' }), [...all].sort());
  t.same(await names({ SortBy: 'name', SortOrder: 'desc', MaxResults: 5 }), [...all].sort().reverse());
  await t.rejects(names({ NextToken: 'nonsense' }), { name: 'InvalidNextTokenException' });
  const invalid = (message: string) => ({ name: 'InvalidParameterException', message });
  await t.rejects(names({ Filters: [{ Values: ['page'] }] }), invalid('Invalid filter key'));
  await t.rejects(names({ Filters: [{ Key: 'name' }] }), invalid('Invalid filter values for key: name'));
  await t.rejects(names({ Filters: [filter('name', 'x'.repeat(513))] }), {
    message: /'filters\.1\.member\.values\.1\.member'/,
  });
  await t.rejects(names({ MaxResults: 101 }), { name: 'ValidationException', message: /'maxResults'/ });
});
