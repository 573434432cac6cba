import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { focused } from '../browser/legible.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, call } = await build(t);
  const service = await listen(app);

  await scene(t, browser, 'a share is made without a mouse', async (t, page) => {
    await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
    await page.getByRole('button', { name: 'Share' }).waitFor();
    const stops: Awaited<ReturnType<typeof focused>>[] = [];
    do {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
    } while (stops.at(-1)?.name !== 'Document');
    t.strictSame(
      stops.filter(({ name, seen }) => name === '' || !seen),
      [],
      'each stop has a name, and is seen',
    );
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type(MARY);
    for (const _ of [1, 2, 3]) await page.keyboard.press('Tab');
    await page.keyboard.type('monthly report');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Nothing has changed yet').waitFor();
    t.strictSame((await call('GET', '/v1/secrets/demo%2Fapi-key/shares')).json.items, []);
    await page.getByRole('button', { name: 'Apply' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^Shared until/).waitFor();
    // The focus is back where it came from.
    await until(async () => (await page.evaluate('document.activeElement.textContent')) === 'Share');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    await until(async () => (await page.evaluate('document.activeElement.tagName')) === 'H1');
  });

  await scene(
    t,
    browser,
    'another change meanwhile is noticed, and nothing applied over it',
    async (_, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fdatabase`);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill(APP_ROLE);
      await page.getByLabel('Why?').fill('the app');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('Nothing has changed yet').waitFor();
      await call('POST', '/v1/secrets/demo%2Fdatabase/denials', { principal: MARY });
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('The policy changed meanwhile. Nothing was applied.').waitFor();
      await page.getByRole('button', { name: 'Check again' }).click();
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^Shared until/).waitFor();
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'what is wrong with a field stands at the field, and a key that cannot be shared may be insisted on',
    async (t, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fdefault-key`);
      await page.getByRole('button', { name: 'Share' }).click();
      const who = page.getByLabel('Who may read it?');
      await who.fill('Mary');
      await page.getByLabel('Why?').fill('report');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.locator('input[aria-invalid=true]').waitFor();
      t.equal(await page.evaluate('document.querySelector("[aria-invalid=true]").name'), 'who');
      await who.fill(MARY);
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Share anyway, unreadable for now' }).click();
      await page.getByText('Nothing has changed yet').waitFor();
    },
    { refusals: true },
  );
}
