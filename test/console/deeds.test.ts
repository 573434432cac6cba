import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';

const OWN_ROLE = 'arn:aws:iam::111111111111:role/secret-access-service';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, call } = await build(t);
  const service = await listen(app);
  const share = (name: string, principal: string) =>
    call('POST', `/v1/secrets/${encodeURIComponent(name)}/shares`, { principal, reason: 'report' });
  const sharesOf = async (name: string): Promise<string[]> =>
    (await call('GET', `/v1/secrets/${encodeURIComponent(name)}/shares`)).json.items.map(
      ({ principal }: { principal: string }) => principal,
    );

  await scene(t, browser, 'many shares are revoked by whom they are with', async (t, page) => {
    await share('demo/database', MARY);
    await share('demo/database', APP_ROLE);
    await share('demo/api-key', '222222222222');
    await page.goto(`${service}/console/operations/new`);
    await page.getByLabel('Revoke', { exact: true }).check();
    await page.getByLabel('Secrets', { exact: true }).fill('demo/database\ndemo/api-key');
    await page.getByLabel('Who', { exact: true }).fill(`${MARY}\n222222222222`);
    await page.getByLabel('Why?').fill('The project is over');
    await page.getByRole('button', { name: 'Check 4 changes' }).click();
    await page.getByText(`Not shared: demo/database with 222222222222, demo/api-key with ${MARY}.`).waitFor();
    await page.getByRole('heading', { name: 'Revoke 2 entries' }).waitFor();
    await page.getByText(/2 of 2.*2 would be applied/).waitFor();
    await page.getByText('Would be applied', { exact: true }).first().waitFor();
    t.match(await page.locator('tbody').textContent(), /demo\/database.*user\/Mary/, 'named, not by an id');
    t.equal((await sharesOf('demo/database')).length, 2, 'a check takes nothing');
    await page.getByRole('button', { name: 'Apply 2' }).click();
    await page.getByText('Nothing has changed: this only says what would happen.').waitFor({ state: 'detached' });
    await page.getByText(/2 of 2.*2 applied/).waitFor();
    t.strictSame(await sharesOf('demo/database'), [APP_ROLE], 'nobody else’s');
    t.strictSame(await sharesOf('demo/api-key'), []);
  });

  await scene(t, browser, 'denials and fences of many secrets are taken back, too', async (t, page) => {
    const set = { name: 'Ops', account: '222222222222' };
    for (const name of ['demo%2Fdatabase', 'demo%2Fapi-key']) {
      await call('POST', `/v1/secrets/${name}/denials`, { permissionSet: set });
      await call('POST', `/v1/secrets/${name}/denials`, { principal: MARY });
      await call('POST', `/v1/secrets/${name}/restrictions`, { boundary: { organization: 'o-local00001' } });
    }
    const left = async (kind: string) => (await call('GET', `/v1/secrets/demo%2Fapi-key/${kind}`)).json.items;
    for (const [what, ask] of [
      ['Denials', async () => page.getByLabel('Who', { exact: true }).fill('Ops@222222222222')],
      ['Fences: all of each secret', async () => t.equal(await page.getByLabel('Who', { exact: true }).count(), 0)],
    ] as const) {
      await page.goto(`${service}/console/operations/new`);
      await page.getByLabel('Revoke', { exact: true }).check();
      await page.getByLabel(what, { exact: true }).check();
      await page.getByLabel('Secrets', { exact: true }).fill('demo/database\ndemo/api-key');
      await ask();
      await page.getByLabel('Why?').fill('A partner comes');
      await page.getByRole('button', { name: 'Check 2 changes' }).click();
      await page.getByRole('button', { name: 'Apply 2' }).click();
      await page.getByText(/2 of 2.*2 applied/).waitFor();
    }
    t.match(await left('denials'), [{ principal: MARY }], 'nobody else’s');
    t.strictSame(await left('restrictions'), []);
    for (const name of ['demo%2Fdatabase', 'demo%2Fapi-key'])
      await call('DELETE', `/v1/secrets/${name}/policy`, undefined, { 'if-match': '*' });
    await share('demo/database', APP_ROLE);
  });

  await scene(t, browser, 'a permission set is denied, whatever role it has by then', async (t, page) => {
    await page.goto(`${service}/console/secrets/demo%2Fdatabase`);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('A permission set').first().click();
    await page.getByRole('radio', { name: 'A permission set' }).check();
    t.equal(await page.getByText('Whom exactly?').count(), 0, 'says nothing of a set');
    await page.getByLabel('Which permission set?').fill('Ops');
    await page.getByLabel('In which account?').fill('222222222222');
    await page.getByLabel('Why?').fill('Nobody who is on call');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText(/^Denied:/).waitFor();
    const { json } = await call('GET', '/v1/secrets/demo%2Fdatabase/denials');
    t.match(json.items, [{ permissionSet: { name: 'Ops', account: '222222222222' } }]);
  });

  await scene(
    t,
    browser,
    'a fence that would lock the service out spares it, once somebody says so',
    async (t, page) => {
      await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
      await page.getByRole('button', { name: 'Restrict' }).click();
      await page.getByLabel('These VPC endpoints').check();
      await page.getByLabel('Which VPC endpoints?').fill('vpce-0123456789abcdef0');
      await page.getByLabel('Except').fill(`${MARY}\nOps@222222222222\nappflow.amazonaws.com`);
      await page.getByLabel(/^Spare the roles that all AWS services have/).check();
      await page.getByLabel('Do anything with it').check();
      await page.getByLabel('Why?').fill('From our network only');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('The policy would lock this service out.').waitFor();
      await page.getByText(OWN_ROLE, { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Except me' }).click();
      await page.getByText('Nothing has changed yet').waitFor();
      await page.getByRole('button', { name: 'Back' }).click();
      const spared = `${MARY}\nOps@222222222222\nappflow.amazonaws.com\n${OWN_ROLE}`;
      t.equal(await page.getByLabel('Except').inputValue(), spared, 'and it shows');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Fenced.').waitFor();
      await page.getByText('Everybody outside').waitFor();
      const { json } = await call('GET', '/v1/secrets/demo%2Fapi-key/restrictions');
      t.match(json.items, [{ actions: ['secretsmanager:*'], exceptServiceLinkedRoles: true }]);
      t.strictSame(json.items[0].exceptPermissionSets, [{ name: 'Ops', account: '222222222222' }]);
      t.strictSame(json.items[0].exceptServices, ['appflow.amazonaws.com']);
      t.ok(json.items[0].exceptPrincipals.includes(OWN_ROLE));
    },
    { refusals: true },
  );
}
