import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { flaws, paleTexts, stumbles } from '../browser/legible.ts';
import { MARY } from '../helper.ts';
import { buildConsole } from './world.ts';

const DATABASE = '/console/secrets/demo%2Fdatabase';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, pages, call } = await buildConsole(t);
  const service = await listen(app);

  await scene(
    t,
    browser,
    'what others wrote is text, never markup',
    async (t, page) => {
      const reason = '<img src=x onerror=alert(1)>';
      await call('POST', '/v1/secrets/demo%2Fdatabase/denials', { principal: MARY, reason });
      for (const path of [DATABASE, `${DATABASE}/timeline`, '/console/audit']) {
        await page.goto(`${service}${path}`);
        await page.getByText(reason).first().waitFor();
        t.equal(await page.locator('main img').count(), 0, path);
      }
      await page.goto(
        `${service}/console/audit?secret=${encodeURIComponent(reason)}&since=${encodeURIComponent(reason)}`,
      );
      await page.getByText('What to do').waitFor();
      t.equal(await page.locator('main img').count(), 0);
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'a service that is gone, or slow, is said to be so, and asked again',
    async (t, page) => {
      await page.clock.install();
      let answer: 'never' | 'gone' | 'normal' = 'gone';
      await page.route('**/v1/secrets/**', (route) => {
        if (answer === 'gone') return route.abort();
        return answer === 'normal' ? route.continue() : undefined;
      });
      await page.goto(`${service}${DATABASE}`);
      await page.getByText('The service can’t be reached.').waitFor();
      answer = 'never';
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByText('The service can’t be reached.').waitFor({ state: 'detached' });
      await page.clock.fastForward(11_000);
      await page.getByText('No answer yet.').waitFor();
      answer = 'normal';
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByRole('list', { name: 'In short' }).waitFor();
      t.equal(await page.getByText('No answer yet.').count(), 0);
    },
    { refusals: true },
  );

  await scene(t, browser, 'a finding is acknowledged until a day, with a reason', async (t, page) => {
    await page.goto(`${service}/console/findings`);
    await page.getByRole('button', { name: 'Share that does not work' }).first().click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Why?').fill('The partner moves its key');
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Acknowledged.', { exact: true }).waitFor();
    const { json } = await call('GET', '/v1/findings?status=acknowledged');
    t.match(json.items, [{ kind: 'unusable-share', acknowledged: { reason: 'The partner moves its key' } }]);
  });

  await scene(
    t,
    browser,
    'on a narrow screen the menu leads to every page',
    async (t, page) => {
      await page.goto(`${service}/console`);
      await page.getByRole('button', { name: 'Menu' }).click();
      const menu = page.getByRole('dialog', { name: 'Menu' });
      t.match(await menu.getByRole('link').allTextContents(), [
        'Secrets',
        'Principals',
        'Inbox',
        'Operations',
        'Findings',
        'Audit',
        'API',
      ]);
      await menu.getByRole('link', { name: 'Findings' }).click();
      await page.getByRole('heading', { name: 'Findings' }).waitFor();
      await menu.waitFor({ state: 'detached' });
    },
    { width: 390 },
  );

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await scene(
        t,
        browser,
        `${colorScheme}, ${width} pixels wide: legible, labelled, and nothing sticks out`,
        async (t, page) => {
          for (const [name, { path, play }] of Object.entries(pages)) {
            await page.goto(`${service}${path}`);
            await page.locator('main h1').waitFor();
            await page.waitForLoadState('networkidle');
            await play?.(page);
            t.strictSame(await flaws(page), [], name);
            t.strictSame(await stumbles(page), [], name);
            if (play === undefined) t.strictSame(await paleTexts(page), [], name);
            t.ok(
              Number(await page.evaluate('document.documentElement.scrollWidth')) <= width,
              `${name} does not scroll sideways`,
            );
          }
        },
        { colorScheme, width, refusals: true },
      );
    }
  }
}
