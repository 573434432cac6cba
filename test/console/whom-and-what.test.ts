import type { Page } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { flaws } from '../browser/legible.ts';
import { build } from '../helper.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';
const UNIT = 'o-local00001/r-root/ou-root-workload';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, call, aws } = await build(t);
  const tags = { SecretId: 'demo/database', Tags: [{ Key: 'site', Value: 'berlin' }] };
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', tags);
  const service = await listen(app);

  const begin = async (page: Page) => {
    await page.goto(`${service}/console/secrets/demo%2Fdatabase`);
    await page.getByRole('button', { name: 'Share' }).click();
  };
  const check = async (page: Page) => {
    await page.getByLabel('Why?').fill('report');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
    return String(await page.getByRole('dialog').textContent());
  };
  const apply = async (page: Page) => {
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText(/^Shared until/).waitFor();
    const { items } = (await call('GET', SHARES)).json;
    for (const { id } of items) await call('DELETE', `${SHARES}/${id}`);
    return items;
  };

  await scene(
    t,
    browser,
    'a share may be for a permission set of one account, and what is wrong with the account stands there',
    async (t, page) => {
      await begin(page);
      await page.getByText('A unit of an organization, or a permission set, or an AWS service').click();
      await page.getByLabel('A permission set', { exact: true }).check();
      await page.getByLabel('Which permission set?').fill('Ops');
      await page.getByLabel('In which account?').fill('22222222222');
      t.strictSame(await flaws(page), [], 'for everybody');
      await page.getByLabel('Why?').fill('report');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.locator('input[name=account][aria-invalid=true]').waitFor();
      await page.getByLabel('In which account?').fill('222222222222');
      await page.getByText('Whoever signs in to 222222222222 as Ops').waitFor();
      t.match(await check(page), /Whoever has the permission set Ops in the account 222222222222/i);
      await page.getByText('Statement', { exact: true }).click();
      await page.getByText('AWSReservedSSO_Ops_').first().waitFor();
      t.match(await apply(page), [{ permissionSet: { name: 'Ops', account: '222222222222' } }]);
    },
    { refusals: true },
  );

  await scene(t, browser, 'a service is known by its name, and asked for whom it acts', async (t, page) => {
    await begin(page);
    await page.getByLabel('Who may read it?').fill('appflow.amazonaws.com');
    await page.getByLabel('For which account does it act?').fill('222222222222');
    await page.getByLabel('For what in it?').fill('arn:aws:appflow:us-east-1:222222222222:flow/orders');
    await page.getByText('Only if', { exact: true }).click();
    await page.getByLabel('The current one', { exact: true }).check();
    t.equal(await page.getByLabel('Which tags do they carry?').count(), 0, 'a service carries none');
    t.match(await check(page), /appflow\.amazonaws\.com/);
    t.match(await apply(page), [
      {
        service: {
          name: 'appflow.amazonaws.com',
          sourceAccount: '222222222222',
          sourceArn: 'arn:aws:appflow:us-east-1:222222222222:flow/orders',
        },
        conditions: { versionStages: ['AWSCURRENT'] },
      },
    ]);
  });

  await scene(
    t,
    browser,
    'for a unit, of actions in plain words, and only under conditions: all of it is shown before it is applied',
    async (t, page) => {
      await begin(page);
      await page.getByLabel('Who may read it?').fill(UNIT);
      await page.getByLabel('Choose').check();
      await page.getByLabel('Read the value', { exact: true }).check();
      await page.getByLabel('List its versions, older ones too').check();
      await page.getByText('Only if', { exact: true }).click();
      await page.getByLabel('The current one and the one before').check();
      await page.getByLabel('Through which VPC endpoints do they come?').fill('vpce-0123456789abcdef0');
      await page.getByLabel('Which tags do they carry?').fill('team=payments\ncostcenter=a=b\nsite');
      t.strictSame(await flaws(page), [], 'for everybody');
      const said = await check(page);
      for (const words of [
        'only the version stages AWSCURRENT, AWSPREVIOUS',
        'only through vpce-0123456789abcdef0',
        'only with the tags team=payments, costcenter=a=b',
        'only with the secret’s own value of the tags site',
      ]) {
        t.match(said, words);
      }
      await page.getByText('Statement', { exact: true }).click();
      t.equal(await page.getByRole('figure').count(), 2, 'both, since stages narrow only reading');
      await page.getByRole('button', { name: 'Back' }).click();
      t.equal(await page.getByLabel('Which tags do they carry?').inputValue(), 'team=payments\ncostcenter=a=b\nsite');
      await check(page);
      t.match(await apply(page), [
        {
          organizationalUnit: UNIT,
          actions: ['secretsmanager:GetSecretValue', 'secretsmanager:ListSecretVersionIds'],
          conditions: {
            versionStages: ['AWSCURRENT', 'AWSPREVIOUS'],
            sourceVpcEndpoints: ['vpce-0123456789abcdef0'],
            principalTags: { team: 'payments', costcenter: 'a=b' },
            matchTags: ['site'],
          },
        },
      ]);
    },
  );

  await scene(
    t,
    browser,
    'who could then change who reads it is said so, by single actions too',
    async (t, page) => {
      await begin(page);
      await page.getByLabel('Who may read it?').fill('222222222222');
      await page.getByLabel('Choose').check();
      await page.getByLabel('Change who reads it').check();
      await page.getByLabel('Why?').fill('report');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('If that is meant, say so.').waitFor();
      await page.getByLabel(/^They can then change who reads it/).check();
      await check(page);
      t.match(await apply(page), [{ actions: ['secretsmanager:PutResourcePolicy'] }]);
    },
    { refusals: true },
  );
}
