import type { Page } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { start } from '../routes/approvals.ts';
import { until } from '../wait.ts';

const DATABASE = '/console/secrets/demo%2Fdatabase';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const service = await start(t, { env: { ESTATE_ACCOUNTS: '111111111111', ESTATE_REGIONS: 'us-east-1' } });
  const { app, as, keys } = service;
  const url = await listen(app);
  const { json: asked } = await as('mary').post('/v1/secrets/demo%2Fdatabase/shares', { principal: MARY });
  const signedIn = (page: Page, who: keyof typeof keys) =>
    page.addInitScript(`sessionStorage.setItem('secret-access.credential', '${keys[who]}')`);
  /** Not the body, whose text is all there is. */
  const hasFocus = (page: Page, text: string | RegExp) =>
    until(async () => {
      const focused = 'document.activeElement === document.body ? "" : document.activeElement.textContent';
      return (await page.evaluate<string>(focused)).match(text) !== null;
    });

  await scene(t, browser, 'a slash leads to the search of the page, or of all secrets', async (t, page) => {
    await signedIn(page, 'mary');
    for (const [path, heading, label] of [
      ['/principals', 'Principals', 'Who?'],
      ['/audit', 'Audit', 'Who'],
      ['/estate', 'Estate', 'Find a secret'],
    ] as const) {
      await page.goto(`${url}/console${path}`);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await page.getByLabel(label, { exact: true }).waitFor();
      await page.keyboard.press('/');
      const focused = await page.evaluate('document.activeElement.labels[0].textContent');
      t.equal(focused, label, path);
    }
    await page.keyboard.type('database');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Secrets', exact: true }).waitFor();
    t.match(page.url(), /\/console\/secrets\?text=database$/);
  });

  await scene(t, browser, 'the focus stays where one was, when what had it goes away', async (_, page) => {
    await signedIn(page, 'mary');
    await page.goto(`${url}${DATABASE}`);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByLabel('Who must not read it?').fill(APP_ROLE);
    await page.getByLabel('Why?').fill('left the team');
    await page.getByRole('button', { name: 'Check' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Nothing has changed yet').waitFor();
    await hasFocus(page, 'Deny access to demo/database');
    await page.getByRole('button', { name: 'Apply' }).focus();
    await page.keyboard.press('Enter');
    // The dialog gives it back to what opened it.
    await hasFocus(page, /^Deny$/);
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Undone.', { exact: true }).waitFor();
    await hasFocus(page, /Undone\./);
    await page.keyboard.press('Tab');
    await hasFocus(page, 'Close');
    await page.keyboard.press('Enter');
    await hasFocus(page, 'demo/database');
  });

  await scene(t, browser, 'a yes leaves the focus with what was decided', async (_, page) => {
    await signedIn(page, 'sam');
    await page.goto(`${url}/console/inbox/${asked.approvalId}`);
    await page.getByRole('button', { name: 'Approve' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Approved and applied.').waitFor();
    await hasFocus(page, /^Share demo\/database with user\/Mary/);
  });

  await scene(
    t,
    browser,
    'on a narrow screen all filters are in one sheet, which says how many count',
    async (t, page) => {
      await signedIn(page, 'mary');
      await page.goto(`${url}/console/audit`);
      const open = page.getByRole('button', { name: /^Filter/ });
      await open.waitFor();
      t.equal(await open.textContent(), 'Filter (1)', 'the last 7 days');
      t.equal(await page.getByLabel('Outcome').count(), 0);
      await open.click();
      const sheet = page.getByRole('dialog', { name: 'Filter' });
      await sheet.getByLabel('Outcome').selectOption('Refused');
      await sheet.getByRole('button', { name: 'Show' }).click();
      await sheet.waitFor({ state: 'detached' });
      await page.getByText('No such change so far.').waitFor();
      t.match(page.url(), /outcome=refused/);
      t.equal(await open.textContent(), 'Filter (2)');
      await hasFocus(page, /^Filter \(2\)$/);
    },
    { width: 390 },
  );
}
