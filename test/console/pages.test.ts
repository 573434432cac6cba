import { readdirSync } from 'node:fs';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { brokenWords, flaws, paleTexts, stumbles } from '../browser/legible.ts';
import { MARY } from '../helper.ts';
import { runs } from '../runs.ts';
import { until } from '../wait.ts';
import { buildConsole, endStreams } from './world.ts';

const DATABASE = '/console/secrets/demo%2Fdatabase';
/** Each colour and each width once: a colour does not move things, and a width does not pale them. */
const LOOKS = (
  [
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 390 },
    { colorScheme: 'light', width: 390 },
    { colorScheme: 'dark', width: 1280 },
  ] as const
).slice(0, runs(2, 2, 4));
/** Tablets, and windows beside others: in these, tables are tables still, and the menu takes its part. */
const BETWEEN = [760, 900, 1024, 1240];

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, pages, call } = await buildConsole(t);
  const service = await listen(app);

  t.test('each page of the console is looked at', async (t) => {
    const names = readdirSync(new URL('../../console/pages', import.meta.url)).map((file) => file.replace('.js', ''));
    t.ok(names.includes('audit'), 'they were found');
    t.strictSame(
      names.filter((name) => !(name in pages)),
      [],
    );
  });

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

  await scene(t, browser, 'what is asked again and does not come is told beside what is there', async (t, page) => {
    await page.clock.install();
    await page.goto(`${service}/console/inbox?box=mine`);
    const items = page.getByRole('main').getByRole('listitem');
    await items.first().waitFor();
    let isSilent = true;
    await page.route('**/v1/approvals?*', (route) => (isSilent ? undefined : route.continue()));
    const late = page.getByText('No answer yet. What is here is as of');
    const untilLate = () =>
      until(async () => {
        await page.clock.fastForward(11_000);
        return (await late.count()) === 1;
      });
    await untilLate();
    t.ok((await items.count()) > 0);
    await page.getByRole('button', { name: 'Wait' }).click();
    await late.waitFor({ state: 'detached' });
    await untilLate();
    // What is asked anew by itself must not be answered before the click, which would find no button then.
    const asked = page.waitForRequest('**/v1/approvals?*');
    await page.getByRole('button', { name: 'Retry' }).click();
    await asked;
    await late.waitFor({ state: 'detached' });
    await untilLate();
    isSilent = false;
    await until(async () => {
      await page.clock.fastForward(11_000);
      return (await late.count()) === 0;
    });
  });

  await scene(
    t,
    browser,
    'a tab of the release before says that it must be loaded again',
    async (t, page) => {
      await page.goto(`${service}/console/secrets`);
      await page.getByRole('link', { name: 'demo/database' }).waitFor();
      t.equal(await page.getByText('The console is not here yet.').count(), 0);
      // As a service of the next release answers for files of this one.
      await page.route('**/console-files/*/pages/**', (route) => route.fulfill({ status: 404 }));
      await page.getByRole('link', { name: 'Findings', exact: true }).click();
      await page.getByText('A newer release of the console may be here: reload.').waitFor();
      await page.unroute('**/console-files/*/pages/**');
      await page.getByRole('button', { name: 'Reload' }).click();
      await page.getByRole('heading', { name: 'Findings' }).waitFor();
    },
    { refusals: true },
  );

  await scene(t, browser, 'readers and the policy that is quoted are of one version of it', async (t, page) => {
    let asked = 0;
    let isChanging = false;
    await page.route('**/readers?*', async (route) => {
      asked += 1;
      const response = await route.fetch();
      const json = await response.json();
      await route.fulfill({ response, json: isChanging || asked === 1 ? { ...json, etag: '"another"' } : json });
    });
    await page.goto(`${service}${DATABASE}`);
    await page.getByRole('list', { name: 'In short' }).waitFor();
    t.equal(asked, 2, 'it was asked again');
    isChanging = true;
    await page.reload();
    await page.getByText('The policy is being changed.').waitFor();
    isChanging = false;
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('list', { name: 'In short' }).waitFor();
  });

  await scene(
    t,
    browser,
    'the audit log is asked by day, action and change; all of it is in the address',
    async (t, page) => {
      await page.goto(`${service}/console/audit`);
      await page
        .getByText('Asked payments')
        .or(page.getByText(/^Shared with/))
        .first()
        .waitFor();
      await page.getByText('More filters').click();
      await page.getByLabel('From (UTC)').fill('2020-01-01');
      await page.getByLabel('To (UTC)').fill('2020-01-31');
      await page.getByText('No change in these days.').waitFor();
      t.match(page.url(), /\?from=2020-01-01&to=2020-01-31$/);
      await page.getByLabel('When').selectOption('7d');
      await page.getByLabel('What').selectOption('Freeze');
      await page
        .getByText(/^Froze/)
        .first()
        .waitFor();
      t.match(page.url(), /\?since=7d&action=freeze$/);
    },
  );

  await scene(t, browser, 'home says what there is to do, and a survey is begun from the estate', async (t, page) => {
    await page.goto(`${service}/console`);
    await page.getByRole('region', { name: 'Reading is stopped' }).or(page.locator('.card')).first().waitFor();
    t.match(await page.locator('.home').textContent(), /Freeze demo\/default-key.*Stands/);
    await page.getByLabel('Find a secret').fill('demo/database');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'demo/database' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Secrets' }).focus();
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await page.getByRole('heading', { name: 'What needs you' }).waitFor();
    await page.goto(`${service}/console/estate`);
    await page.getByRole('button', { name: 'Survey' }).click();
    await page.getByRole('heading', { name: /^Survey/ }).waitFor();
    await page
      .getByText(/ of 6$/)
      .first()
      .waitFor();
  });

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
        ...['Home', 'Secrets', 'Principals', 'Inbox', 'Ask', 'Operations', 'Findings', 'Incidents', 'Estate', 'Audit'],
        'API',
      ]);
      await menu.getByRole('link', { name: 'Findings' }).click();
      await page.getByRole('heading', { name: 'Findings' }).waitFor();
      await menu.waitFor({ state: 'detached' });
    },
    { width: 390 },
  );

  for (const { colorScheme, width } of LOOKS) {
    await scene(
      t,
      browser,
      `${colorScheme}, ${width} pixels wide: legible, labelled, and nothing sticks out`,
      async (t, page) => {
        await endStreams(page);
        for (const [name, { path, play, width: its = width }] of Object.entries(pages)) {
          if (its !== width) continue;
          await page.goto(`${service}${path}`);
          await page.locator('main h1:not(.unseen)').waitFor();
          await page.waitForLoadState('networkidle');
          await play?.(page);
          t.strictSame(await flaws(page), [], name);
          t.strictSame(await stumbles(page), [], name);
          t.strictSame(await brokenWords(page), [], name);
          if (play === undefined) t.strictSame(await paleTexts(page), [], name);
          for (const each of width === 1280 ? [width, ...BETWEEN] : [width]) {
            await page.setViewportSize({ width: each, height: 900 });
            const needed = Number(await page.evaluate('document.documentElement.scrollWidth'));
            t.ok(needed <= each, `${name} does not scroll sideways at ${each} (${needed})`);
          }
          await page.setViewportSize({ width, height: 900 });
        }
      },
      { colorScheme, width, refusals: true },
    );
  }
}
