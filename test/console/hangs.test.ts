import type { Page } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { APP_ROLE, build } from '../helper.ts';
import { until } from '../wait.ts';

const DATABASE = '/console/secrets/demo%2Fdatabase';
const NO_ANSWER = 'No answer yet: it is still asked for.';

/** The first change of this kind reaches the service, and its answer nobody. */
async function silentOnce(page: Page, path: string) {
  const keys: (string | undefined)[] = [];
  await page.route(path, async (route) => {
    const request = route.request();
    if (request.method() === 'GET' || request.url().includes('dryRun=true')) return route.continue();
    keys.push(request.headers()['idempotency-key']);
    if (keys.length > 1) return route.continue();
    await route.fetch();
  });
  return keys;
}

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, call } = await build(t);
  const service = await listen(app);
  const startShare = async (page: Page, reason: string) => {
    await page.clock.install();
    await page.goto(`${service}${DATABASE}`);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('Who may read it?').fill(APP_ROLE);
    await page.getByLabel('Why?').fill(reason);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Apply' }).click();
  };
  const untilLate = async (page: Page) => {
    await page.getByRole('button', { name: 'Applying …' }).waitFor();
    await page.clock.fastForward(11_000);
    await page.getByText(NO_ANSWER).waitFor();
  };
  const changesFor = async (reason: string) =>
    (await call('GET', '/v1/audit-events?view=changes&action=share&since=1h')).json.items.filter(
      (change: { reason: string }) => change.reason === reason,
    ).length;

  await scene(
    t,
    browser,
    'whoever no longer waits for a change finds out what became of it, and it is done once',
    async (t, page) => {
      const keys = await silentOnce(page, '**/shares*');
      await startShare(page, 'it hangs');
      await page.keyboard.press('Escape');
      t.ok(await page.getByRole('dialog').isVisible(), 'it stays while nobody knows');
      await untilLate(page);
      await page.getByRole('button', { name: 'Stop waiting' }).click();
      await page.getByText('No answer came: it may have been applied.').waitFor();
      await page.getByRole('button', { name: 'Find out' }).click();
      await page.getByText(/^Shared until/).waitFor();
      t.equal(keys.length, 2);
      t.equal(keys[0], keys[1], 'asked again with the same key');
      t.equal(await changesFor('it hangs'), 1);
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'a dialog whose answer does not come can be left',
    async (t, page) => {
      await silentOnce(page, '**/shares*');
      await startShare(page, 'it is left');
      await untilLate(page);
      await page.getByRole('button', { name: 'Stop waiting' }).click();
      await page.getByText('No answer came: it may have been applied.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      // It comes by the page's heading, as the dialog goes.
      await until(async () => (await page.evaluate('document.activeElement.textContent')) === 'Share');
      t.pass('the focus is back at its opener');
    },
    { refusals: true },
  );

  await scene(t, browser, 'a page that the browser brings back is loaded anew', async (t, page) => {
    await page.goto(`${service}/console/inbox`);
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await page.evaluate('globalThis.isOld = true');
    const reloaded = page.waitForEvent('load');
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    await reloaded;
    t.equal(await page.evaluate('globalThis.isOld'), undefined);
  });
}
