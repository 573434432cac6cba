import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const ESTATE = { ESTATE_ACCOUNTS: '111111111111', ESTATE_REGIONS: 'us-east-1' };

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('incidents in the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, call } = await build(t, { env: ESTATE });
  const service = await listen(app);
  const surveyed = (await call('POST', '/v1/estate/surveys', {})).json;
  await until(async () => (await call('GET', `/v1/operations/${surveyed.id}`)).json.finishedAt !== null);
  const decisionOn = async (principal: string) =>
    (await call('POST', '/v1/secrets/demo%2Fdatabase/access-checks', { principal })).json.decision;

  await scene(t, browser, 'a secret is frozen once its number is typed, and lifted', async (t, page) => {
    for (const principal of [MARY, APP_ROLE]) await call('POST', '/v1/secrets/demo%2Fdatabase/shares', { principal });
    await page.goto(`${service}/console/incidents`);
    await page.getByText('Nobody is frozen out.').waitFor();
    await page.getByRole('link', { name: 'Freeze' }).click();
    await page.getByLabel('Which secrets?').fill('demo/database');
    await page.getByLabel('Who may still read?').fill(APP_ROLE);
    await page.getByLabel('Why?').fill('Leaked in a log');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('heading', { name: '1 secret would be frozen' }).waitFor();
    t.match(await page.getByRole('main').textContent(), /Who reads now, or may.*Mary/);
    t.strictSame((await call('GET', '/v1/incidents')).json.items, [], 'a check does nothing');
    const freeze = page.getByRole('button', { name: 'Freeze' });
    await page.getByLabel('Type 1 to freeze').fill('2');
    t.ok(await freeze.isDisabled(), 'another number is none');
    await page.getByLabel('Type 1 to freeze').fill('1');
    await freeze.click();
    await page.getByText('Stands', { exact: true }).waitFor();
    await page.getByText('1 of 1').waitFor();
    t.equal(await decisionOn(MARY), 'explicitlyDenied');
    t.not(await decisionOn(APP_ROLE), 'explicitlyDenied');

    await page.getByRole('button', { name: 'Lift' }).click();
    const dialog = page.getByRole('dialog', { name: 'Lift: freeze demo/database' });
    await dialog.getByText(/^1 secret: the denial is taken out/).waitFor();
    await dialog.getByLabel('Why?').fill('All clear');
    await dialog.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('Lifted', { exact: true }).waitFor();
    t.not(await decisionOn(MARY), 'explicitlyDenied');
    t.equal(await page.getByRole('button', { name: 'Lift' }).count(), 0, 'what is lifted is not offered again');
  });

  await scene(
    t,
    browser,
    'somebody is evicted from what is seen, and what is wrong with whom stands at the field',
    async (t, page) => {
      await page.goto(`${service}/console/incidents`);
      await page.getByRole('link', { name: 'Evict' }).click();
      await page.getByLabel('Whom?').fill('12345678901');
      await page.getByLabel('Why?').fill('The laptop is gone');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.locator('input[name=evict][aria-invalid=true]').waitFor();
      await page.getByLabel('Whom?').fill(MARY);
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('heading', { name: /would be closed to them, and 1 share taken$/ }).waitFor();
      const [, number = ''] = /Type (\d+) to evict/.exec(String(await page.getByRole('main').textContent())) ?? [];
      await page.getByLabel(`Type ${number} to evict`).fill(number);
      await page.getByRole('button', { name: 'Evict' }).click();
      await page.getByText('Stands', { exact: true }).waitFor();
      const { json } = await call('GET', '/v1/incidents');
      t.match(json.items[0], { action: 'evict', asked: { evict: { principal: MARY } } });
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'what is live comes again after a refusal, and after a connection that broke',
    async (t, page) => {
      const { json: bulk } = await call('POST', '/v1/bulk/shares?dryRun=true', {
        ...{ secretIds: ['demo/database', 'demo/api-key'], principals: ['222222222222'], reason: 'Migration' },
      });
      const path = `/v1/operations/${bulk.id}`;
      await until(async () => (await call('GET', path)).json.finishedAt !== null);
      await page.clock.install();
      await page.route(`**${path}`, async (route) => {
        const response = await route.fetch();
        const json = await response.json();
        const begun = { status: 'running', finishedAt: null, counts: { ...json.counts, applied: 0, pending: 2 } };
        await route.fulfill({ response, json: { ...json, ...begun } });
      });
      let streams = 0;
      await page.route(`**${path}/events`, (route) => {
        streams += 1;
        if (streams === 1) return route.fulfill({ status: 503, json: { title: 'Overloaded', status: 503 } });
        return streams === 2 ? route.abort() : route.continue();
      });
      await page.goto(`${service}/console/operations/${bulk.id}`);
      await page.getByText('0 of 2').waitFor();
      // Until what was answered has been read, no timer runs; how many run in one step hangs on the machine.
      await until(async () => {
        if (streams >= 3) return true;
        await page.clock.fastForward(3_000);
        return false;
      });
      await page.getByText('2 of 2').waitFor();
      t.equal(streams, 3, 'and no more, once it is done');
    },
    { refusals: true },
  );
}
