import type { Page } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, aws, call } = await build(t);
  const service = await listen(app);
  const policyOf = async (name: string) => (await call('GET', `/v1/secrets/${encodeURIComponent(name)}/policy`)).json;
  const checkAndApply = async (page: Page, why: string) => {
    await page.getByLabel('Why?').fill(why);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };

  await scene(t, browser, 'a fence is drawn around an organization, and taken down', async (t, page) => {
    await page.goto(`${service}/console/secrets/demo%2Fdatabase`);
    await page.getByRole('button', { name: 'Restrict' }).click();
    await page.getByLabel('Which organization?').fill('o-local00001');
    t.equal(await page.locator('input[name=inside]').count(), 1, 'there is one, so one line is asked for');
    await page.getByLabel('Except').fill(MARY);
    await checkAndApply(page, 'Ours only');
    await page.getByText('Fenced.').waitFor();
    await page.getByText(/^Fence:/).waitFor();
    t.match((await policyOf('demo/database')).restrictions, [
      { boundary: { organization: 'o-local00001' }, reason: 'Ours only' },
    ]);
    await page.getByRole('button', { name: 'Revoke fence' }).click();
    await checkAndApply(page, 'A partner comes');
    await page.getByText(/^Fence:/).waitFor({ state: 'detached' });
    t.strictSame((await policyOf('demo/database')).restrictions, []);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Fence:/).waitFor();
    t.equal((await policyOf('demo/database')).restrictions.length, 1, 'and is back by undo');
  });

  await scene(t, browser, 'the timeline goes back to before a change', async (t, page) => {
    const { json: first } = await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: MARY });
    await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: APP_ROLE });
    await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.getByRole('button', { name: 'Go back to before this' }).first().click();
    await checkAndApply(page, 'The wrong role');
    await page.getByText('Went back.').waitFor();
    await page.getByText(/^Went back to before/).waitFor();
    t.strictSame((await policyOf('demo/api-key')).policy, first.policy);
  });

  await scene(
    t,
    browser,
    'where others changed the policy since, undo takes away only what was done',
    async (t, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill(APP_ROLE);
      await page.getByLabel('No end').check();
      await checkAndApply(page, 'the app');
      await page.getByText(/^Shared\./).waitFor();
      await call('POST', '/v1/secrets/demo%2Fapi-key/denials', { principal: '333333333333', reason: 'meanwhile' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Others changed it since. Undo takes away only this.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Undone.').waitFor();
      const { shares, denials } = await policyOf('demo/api-key');
      t.strictSame(
        shares.map(({ principal }: { principal: string }) => principal),
        [MARY],
      );
      t.equal(denials.length, 1, 'what others did stays');
    },
    { refusals: true },
  );

  await scene(t, browser, 'what somebody else dropped is told, and put back', async (t, page) => {
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'DeleteResourcePolicy', { SecretId: 'demo/api-key' });
    await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
    await page.getByText('Dropped outside: 2 statements of ours').waitFor();
    await page.getByRole('button', { name: 'Put back' }).first().click();
    await checkAndApply(page, 'Terraform dropped them');
    await page.getByText('Put back.', { exact: true }).waitFor();
    t.match(await policyOf('demo/api-key'), { shares: [{ principal: MARY }], denials: [{}], missing: [] });
  });

  await scene(
    t,
    browser,
    'an answer that was lost is found out about, and nothing is done twice',
    async (t, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill(APP_ROLE);
      await page.getByLabel('Why?').fill('an answer is lost');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('Nothing has changed yet').waitFor();
      let lost = 0;
      await page.route('**/shares?*', async (route) => {
        if (lost > 0) return route.continue();
        lost += 1;
        await route.fetch();
        await route.abort();
      });
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('No answer came: it may have been applied.').waitFor();
      await page.getByRole('button', { name: 'Find out' }).click();
      await page.getByText(/^Shared until/).waitFor();
      const { json } = await call('GET', '/v1/audit-events?view=changes&action=share&secret=demo%2Fapi-key&since=1h');
      t.equal(json.items.filter(({ reason }: { reason: string }) => reason === 'an answer is lost').length, 1, 'once');
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'an undo of which no answer came is found out about',
    async (t, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill('222222222222');
      await checkAndApply(page, 'an undo is lost');
      await page.getByText(/^Shared until/).waitFor();
      let lost = 0;
      await page.route('**/shares/*', async (route) => {
        if (lost > 0) return route.continue();
        lost += 1;
        await route.fetch();
        await route.abort();
      });
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('No answer came: it may have been undone.').waitFor();
      await page.getByRole('button', { name: 'Find out' }).click();
      await page.getByText('Undone.', { exact: true }).waitFor();
      const { json } = await call('GET', '/v1/audit-events?view=changes&action=revoke&secret=demo%2Fapi-key&since=1h');
      const undone = json.items.filter(
        ({ reason, outcome }: { reason: string; outcome: string }) => reason === 'Undone' && outcome === 'applied',
      );
      t.equal(undone.length, 2, 'this, and the one before');
    },
    { refusals: true },
  );

  await scene(t, browser, 'pasted lines are checked as they are written, and what fails says why', async (t, page) => {
    await page.goto(`${service}/console/operations/new`);
    await page.getByLabel('Paste lines').check();
    await page.getByLabel('Lines', { exact: true }).fill('demo/database, 222222222222\ndemo/database');
    await page.getByText('Line 2 must be a secret and who, with a comma between.').waitFor();
    t.ok(await page.getByRole('button', { name: 'Check 1 change' }).isDisabled());
    await page.getByLabel('Lines', { exact: true }).fill(`demo/database, 222222222222\n"demo/nothing"\t${MARY}\n`);
    await page.getByLabel('Why?').fill('Migration');
    await page.getByRole('button', { name: 'Check 2 changes' }).click();
    await page.getByText('AWS knows no secret demo/nothing').waitFor();
    const checked = page.url();
    await page.getByRole('button', { name: 'Check the 1 failed again' }).click();
    await page.getByText(/1 of 1.*1 failed/).waitFor();
    await page.goto(checked);
    await page.getByRole('button', { name: 'Apply 1' }).click();
    await page.getByText(/1 of 1.*1 applied/).waitFor();
    t.equal((await policyOf('demo/database')).shares.length, 1);
  });
}
