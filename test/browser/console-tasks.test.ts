import t, { type Test } from 'tap';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { listen, scene, startBrowser } from './browser.ts';
import { flaws } from './legible.ts';
import { AT_MOST, personAt } from './person.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';

async function assertFew(t: Test, { interactions }: ReturnType<typeof personAt>) {
  const count = await interactions();
  t.ok(count > 3 && count <= AT_MOST, `${count} interactions`);
}

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, aws, call } = await build(t);
  const service = await listen(app);

  // What a page takes is to load: five people, one after the other, at one.
  await scene(t, browser, 'what people come for', async (t, page) => {
    await t.test('somebody shares a secret for 30 days, and undoes it', async (t) => {
      const person = personAt(page);
      await page.goto(`${service}/console`);
      await person.link('Secrets');
      await person.link('demo/database');
      await person.button('Share');
      await person.type('Who may read it?', '222222222222');
      await page.getByText('Everyone in 222222222222 whom its administrators let').waitFor();
      await person.type('Why?', 'The migration');
      await person.button('Check');
      await page.getByText('Nothing has changed yet').waitFor();
      t.match(
        await page.getByRole('dialog').textContent(),
        /222222222222 may read demo\/database once its own account allows/,
      );
      t.strictSame(await flaws(page), [], 'for everybody');
      t.strictSame((await call('GET', `${DATABASE}/shares`)).json.items, [], 'a check changes nothing');
      await person.button('Apply');
      await page.getByText(/^Shared until/).waitFor();
      await assertFew(t, person);

      const [share] = (await call('GET', `${DATABASE}/shares`)).json.items;
      t.match(share, { principal: 'arn:aws:iam::222222222222:root', reason: 'The migration' });
      const days = (Date.parse(share.expiresAt) - Date.parse(share.at)) / 86_400_000;
      t.ok(days > 29.9 && days <= 30, `for ${days} days`);
      await page
        .getByRole('region', { name: /^May read/ })
        .getByText('arn:aws:iam::222222222222:root')
        .waitFor();

      await person.button('Undo');
      await page.getByText('Undone.').waitFor();
      t.strictSame((await call('GET', `${DATABASE}/shares`)).json.items, []);
      await page.getByText('Nobody, as far as the policy says.').waitFor();
    });

    await t.test('somebody denies a user who left', async (t) => {
      await call('POST', `${DATABASE}/shares`, { principal: MARY, reason: 'monthly report' });
      const person = personAt(page);
      await page.goto(`${service}/console`);
      await person.link('Secrets');
      await person.link('demo/database');
      await person.button('Deny');
      await person.type('Who must not read it?', MARY);
      await person.type('Why?', 'left the team');
      await person.button('Check');
      await page.getByText('Nothing has changed yet').waitFor();
      t.match(await page.getByRole('dialog').textContent(), /Loses.*Mary/);
      await person.button('Apply');
      await page.getByText('Denied: Mary.').waitFor();
      await assertFew(t, person);
      const { json } = await call('POST', `${DATABASE}/access-checks`, { principal: MARY });
      t.equal(json.decision, 'explicitlyDenied');
      const denied = page.getByRole('region', { name: /^Denied/ });
      await denied.getByText('“left the team”').waitFor();
      await denied.getByText(/^anonymous\d+ \w+ \d{4}, \d\d:\d\d UTC$/).waitFor();
      t.equal(await denied.getByText(/^Deny[0-9a-f]{16}$/).count(), 0, 'people are told why, not which statement');
    });

    await t.test('somebody looks who can read a secret, and takes a share back', async (t) => {
      await call('POST', `${DATABASE}/shares`, { principal: APP_ROLE, reason: 'the app' });
      const person = personAt(page);
      await page.goto(`${service}/console`);
      await person.link('Secrets');
      await person.type('The name starts with', 'demo/d');
      await page.getByText('2 secrets.').waitFor();
      t.match(page.url(), /\?text=demo%2Fd$/, 'a search can be linked to');
      await person.link('demo/database');
      const tally = page.getByRole('list', { name: 'In short' });
      await tally.waitFor();
      t.match(await tally.textContent(), /1 May read.*0 Depends.*1 Denied.*0 No longer/);
      await person.button(/^app Role/);
      await page.getByText('“the app”').waitFor();
      await person.button(/^Revoke: arn:aws:iam::222222222222:role\/app/);
      await person.type('Why?', 'Not needed any more');
      await person.button('Check');
      await person.button('Apply');
      await page.getByText('Revoked.', { exact: true }).waitFor();
      await assertFew(t, person);
      const { items } = (await call('GET', `${DATABASE}/shares`)).json;
      t.strictSame(
        items.map((share: { principal: string }) => share.principal),
        [MARY],
      );
    });

    await t.test('somebody looks who changed what last week, and takes it along', async (t) => {
      const person = personAt(page);
      await page.goto(`${service}/console`);
      await person.link('Audit');
      await page.getByText('Denied user/Mary of 123456789999').first().waitFor();
      t.match(await page.getByRole('main').textContent(), /“left the team”, anonymous/);
      await person.choose('What', 'deny');
      await page.getByText('Shared with').first().waitFor({ state: 'detached' });
      await person.button('Difference');
      await page.getByRole('figure', { name: 'After' }).or(page.getByLabel('After')).first().waitFor();
      await person.button('Is the chain whole?');
      await page.getByText(/The chain is whole: \d+ events/).waitFor();
      const saved = page.waitForEvent('download');
      await person.button('Export CSV');
      t.equal((await saved).suggestedFilename(), 'audit.csv');
      await assertFew(t, person);
    });

    await t.test('somebody shares five secrets with three accounts', async (t) => {
      const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `many/${name}`);
      for (const Name of names) {
        const secret = { Name, KmsKeyId: 'alias/demo', SecretString: 'x' };
        aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', secret);
      }
      const person = personAt(page);
      await page.goto(`${service}/console`);
      await person.link('Operations');
      await person.link('Change many');
      await person.type('Secrets', names.join('\n'));
      await person.type('Who', '222222222222\n123456789999\n333333333333');
      await person.type('Why?', 'The migration');
      await person.button('Check 15 changes');
      await page.getByText('15 of 15').waitFor();
      t.strictSame((await call('GET', '/v1/secrets/many%2Fa/shares')).json.items, [], 'a check changes nothing');
      await person.button('Apply 15');
      await page.getByText(/15 applied/).waitFor();
      await assertFew(t, person);
      for (const name of names) {
        const { items } = (await call('GET', `/v1/secrets/${encodeURIComponent(name)}/shares`)).json;
        t.equal(items.length, 3, name);
      }
    });
  });
}
