import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { buildWithCallers } from '../callers.ts';
import { MARY } from '../helper.ts';
import { until } from '../wait.ts';

const PLACE = { ESTATE_ACCOUNTS: '111111111111', ESTATE_REGIONS: 'us-east-1', AWS_REQUESTS_PER_SECOND: '1000' };
const MANY = 230;
/** Days until the share of each ends: by name another order than by time. */
const ENDS = { 'ends/a': 9, 'ends/b': 3, 'ends/c': 13, 'ends/d': 5, 'ends/e': 2, 'ends/f': 7, 'ends/g': 40 };

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const people = { ann: {}, rita: { scopes: ['policy:read', 'estate:read'] } };
  const { app, aws, as, keys } = await buildWithCallers(t, people, { env: PLACE });
  const names = Array.from({ length: MANY }, (_, index) => `many/${String(index).padStart(3, '0')}`);
  for (const Name of [...names, ...Object.keys(ENDS)]) {
    const secret = { Name, KmsKeyId: 'alias/demo', SecretString: 'x' };
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
  }
  for (const [name, days] of Object.entries(ENDS))
    await as('ann').post(`/v1/secrets/${encodeURIComponent(name)}/shares`, { principal: MARY, expiresIn: `${days}d` });
  const { json: survey } = await as('ann').post('/v1/estate/surveys', {});
  await until(async () => (await as('ann').get(`/v1/operations/${survey.id}`)).json.finishedAt !== null);
  const service = await listen(app);

  const played = (who: keyof typeof people, path: string, name: string, play: Parameters<typeof scene>[3]) =>
    scene(t, browser, name, async (t, page) => {
      await page.addInitScript(`sessionStorage.setItem('secret-access.credential', '${keys[who]}')`);
      await page.goto(`${service}/console${path}`);
      await play(t, page);
    });

  await played(
    'ann',
    '/secrets?text=many',
    'a filtered list says how many there are, not how many came so far',
    async (t, page) => {
      await page.getByText(`${MANY} secrets, of which the first 100 are here.`).waitFor();
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText(`${MANY} secrets, of which the first 200 are here.`).waitFor();
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText(`${MANY} secrets.`).waitFor();
      t.equal(await page.locator('tbody tr').count(), MANY);
      t.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
      // Small pages stand for an estate that is too large to be counted.
      await page.route('**/v1/estate/secrets?*', (route) =>
        route.continue({
          url: route
            .request()
            .url()
            .replace(/limit=\d+/, 'limit=10'),
        }),
      );
      await page.reload();
      await page.getByText('At least 110 secrets, of which the first 100 are here.').waitFor();
      await page.getByRole('button', { name: 'Show more' }).click();
      await page.getByText('At least 210 secrets, of which the first 200 are here.').waitFor();
      await page.getByLabel('Search names and descriptions').fill('nothing of this name');
      await page.getByText('No secret matches.').waitFor();
      await page.getByText('0 secrets.', { exact: true }).waitFor();
    },
  );

  await played(
    'ann',
    '',
    'home names the shares that end, the soonest first, and how many there are',
    async (t, page) => {
      const card = page.locator('.card').filter({ hasText: 'Ends within 14 days' });
      await card.getByRole('link', { name: 'ends/e' }).waitFor();
      t.strictSame(await card.locator('.lines a').allTextContents(), [
        'ends/e',
        'ends/b',
        'ends/d',
        'ends/f',
        'ends/a',
      ]);
      t.match(await card.getByRole('heading').textContent(), /14 days 6$/, 'and there is one more');
    },
  );

  await played(
    'ann',
    `/principals/${encodeURIComponent(MARY)}`,
    'a principal is found among many secrets, and denied one of them',
    async (t, page) => {
      await page.getByText(`${Object.keys(ENDS).length} secrets.`).waitFor();
      await page.getByLabel('Filter').fill('ends/d');
      await page.getByText('1 of 7').waitFor();
      t.equal(await page.locator('tbody tr').count(), 1);
      await page.getByRole('button', { name: 'May read' }).or(page.locator('button[data-row]')).first().click();
      await page.getByRole('button', { name: 'Deny' }).click();
      t.equal(await page.getByLabel('Who must not read it?').inputValue(), MARY, 'whom one looks at');
      await page.getByLabel('Why?').fill('left the team');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('Nothing has changed yet').waitFor();
      t.match((await as('ann').get('/v1/secrets/ends%2Fd/denials')).json.items, { length: 0 }, 'a look denies nobody');
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Denied: Mary.').waitFor();
      await page.locator('tbody').getByText('Denied', { exact: true }).waitFor();
      t.match((await as('ann').get('/v1/secrets/ends%2Fd/denials')).json.items, [{ principal: MARY }]);
    },
  );

  await played(
    'rita',
    `/principals/${encodeURIComponent(MARY)}`,
    'who may not deny is not offered it',
    async (t, page) => {
      await page.locator('button[data-row]').first().click();
      await page.getByRole('link', { name: 'See the secret' }).waitFor();
      await page.waitForLoadState('networkidle');
      t.equal(await page.getByRole('button', { name: 'Deny' }).count(), 0, 'what a caller may not do is not offered');
    },
  );
}
