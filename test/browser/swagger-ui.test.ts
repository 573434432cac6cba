import t from 'tap';
import { build, MARY } from '../helper.ts';
import { listen, scene, startBrowser } from './browser.ts';
import { paleTexts } from './legible.ts';
import { call } from './swagger-ui.ts';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('Swagger UI in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app } = await build(t);
  const service = await listen(app);

  // The page takes seconds to load: what follows goes on where the scene before has left it.
  await scene(t, browser, 'the front', async (t, page) => {
    await t.test('is ours, and grouped by task', async (t) => {
      await page.goto(`${service}/docs`);
      await page.locator('.opblock-tag').first().waitFor();
      t.equal(await page.title(), 'Secret access');
      t.match(await page.locator('link[rel=icon]').getAttribute('href'), /logo\.svg$/);
      t.equal(await page.locator('.download-url-wrapper').count(), 0, 'no box for other documents');
      t.equal(await page.locator('.auth-wrapper, .authorization__btn').count(), 0, 'nobody signs in here');
      const tags = await page
        .locator('.opblock-tag')
        .evaluateAll((all) => all.map((tag) => tag.getAttribute('data-tag')));
      t.strictSame(tags, [
        'Share',
        'Deny',
        'Restrict',
        'Policy',
        'Look',
        'Approve',
        'Estate',
        'Incidents',
        'Manifests',
        'Bulk',
        'Audit',
        'Run',
      ]);
      await page.getByRole('navigation').getByRole('link', { name: 'Console' }).click();
      await page.waitForURL(`${service}/console`);
      await page.getByRole('link', { name: 'API', exact: true }).click();
      await page.waitForURL(`${service}/docs`);
    });

    await t.test('finds calls by their words', async (t) => {
      const left = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => element.getBoundingClientRect().left);
      t.equal(await left('.call-filter'), await left('.opblock-tag-section'), 'in line with what it finds');
      const find = page.getByLabel('Find a call');
      const found = page.locator('.opblock-summary-description');
      await find.fill('remove statement');
      await found.first().waitFor();
      t.same(await found.allTextContents(), ['Remove one statement of others']);
      await find.fill('');
      await page.locator('.opblock').first().waitFor({ state: 'detached' });
    });

    await t.test('lets a newcomer share, see, deny and audit by what is filled in', async (t) => {
      await page.getByRole('link', { name: /^Share demo\/database with Mary/ }).click();
      t.match(page.url(), /#\/Share\/createShare$/, 'the link opens the call on this page');
      const share = await call(page, 'Share', 'createShare');
      const shared = await share.execute();
      t.equal(shared.status, '201');
      t.match(shared.text, MARY);

      await share.close();

      const look = await call(page, 'Policy', 'getPolicy');
      const policy = await look.execute();
      t.equal(policy.status, '200');
      t.match(policy.text, /"Effect": "Allow"/);
      await look.close();

      const deny = await call(page, 'Deny', 'createDenial');
      const denied = await deny.execute();
      t.equal(denied.status, '201');
      t.match(denied.text, /"Effect": "Deny"/);
      await deny.close();

      const audit = await call(page, 'Audit', 'listAuditEvents');
      const events = await audit.execute();
      t.equal(events.status, '200');
      t.match(events.text, /"action": "deny"/);
      t.match(events.text, /"action": "share"/);
      await audit.close();

      const revoked = await (await call(page, 'Share', 'revokeShare')).execute();
      t.equal(revoked.status, '200', 'the id that is filled in is that of the share');
      t.match(revoked.text, /"changed": true/);
    });
  });

  await scene(
    t,
    browser,
    'a call that a link leads to',
    async (t, page) => {
      await t.test('is open', async (t) => {
        await page.goto(`${service}/docs#/Share/createShare`);
        await page.locator('#operations-Share-createShare button.execute').waitFor();
        t.equal(await page.locator('.opblock.is-open').count(), 1);
        t.equal(await page.locator('.authorization__btn').count(), 0, 'no padlock where nobody signs in');
      });

      await t.test('shows an answer that the service gave, for each way to succeed', async (t) => {
        const { block } = await call(page, 'Share', 'createShare');
        const example = (status: string) => block.locator(`.response[data-code="${status}"] pre.example`).textContent();
        t.match(await example('200'), /"changed": false/);
        t.match(await example('201'), /"changed": true.*"summary": "arn:aws:iam::123456789999:user\/Mary may read/s);
        t.match(await example('202'), /"status": "pending"/);
      });

      await t.test('has its problems folded away, and they are real ones when unfolded', async (t) => {
        const { block } = await call(page, 'Share', 'createShare');
        const problems = block.locator('details.problems');
        t.equal(await problems.locator('.responses-table').isVisible(), false);
        await problems.locator('summary').click();
        const text = await problems.textContent();
        t.match(text, /"code": "policy-changed"/);
        t.match(text, /principal-not-found: AWS does not know this principal/);
        t.match(text, /"title": "No such secret"/);
        t.notMatch(text, /"additionalProp/, 'nothing made up');
        await block.locator('.examples-select-element').first().selectOption({ index: 1 });
        t.match(await block.locator('textarea.body-param__text').inputValue(), /acknowledgeEscalation/);
      });

      await t.test('tells who names a wrong principal what happened and what to do', async (t) => {
        const share = await call(page, 'Share', 'createShare');
        await share.body.fill(JSON.stringify({ principal: 'arn:aws:iam::123456789999:user/Mry' }));
        const answer = await share.execute();
        t.equal(answer.status, '422');
        t.match(answer.text, /"code": "principal-not-found"/);
        t.match(answer.text, /check the ARN/);
      });

      await t.test('says at the field what is wrong there', async (t) => {
        const share = await call(page, 'Share', 'createShare');
        const wrong = share.block.locator('.wrong');
        await share.body.fill('{"principal": "Mary", }');
        await share.execute();
        t.match(await wrong.textContent(), 'It is not JSON from line 1, column 23 on');
        await share.body.fill('{"principal": "Mary"}');
        await share.execute();
        t.match(await wrong.textContent(), /^principal must be an account.*for example arn:aws:iam::/);
        await share.close();

        const look = await call(page, 'Share', 'listShares');
        await look.parameter('limit').fill('0');
        const secret = look.block.locator('tr[data-param-in="path"] input');
        await secret.fill('demo%2Fdatabase');
        await look.block.locator('button.execute').click();
        await look.block.locator('.wrong').nth(1).waitFor();
        t.same(await look.block.locator('.wrong').allTextContents(), [
          'Value must be greater than or equal to 1',
          'This is not of the form that the description shows: type it as it is, without percent-encoding.',
        ]);
        await look.parameter('limit').fill('10');
        await secret.fill('demo/database');
        t.equal((await look.execute()).status, '200');
      });

      await t.test('says that the service is gone, when it is', async (t) => {
        const look = await call(page, 'Share', 'listShares');
        await page.context().setOffline(true);
        const { text } = await look.execute();
        t.match(text, 'The service does not answer.');
        t.notMatch(text, 'CORS');
      });
    },
    { refusals: true, long: true },
  );

  await scene(
    t,
    browser,
    'every text is legible, by night and by day',
    async (t, page) => {
      await page.goto(`${service}/docs#/Share/createShare`);
      const { block, execute } = await call(page, 'Share', 'createShare');
      await execute();
      await block.locator('details.problems summary').click();
      t.strictSame(await paleTexts(page), [], 'dark, as the system is');
      await page.getByRole('button', { name: 'Switch to light mode' }).click();
      t.strictSame(await paleTexts(page), [], 'light, as the button has it');
      await page.setViewportSize({ width: 390, height: 900 });
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, 'nothing sticks out on a telephone');
      const { width = 0 } =
        (await block.locator('.live-responses-table .response .microlight').first().boundingBox()) ?? {};
      t.ok(width > 300, `what was answered has its width: ${width} px`);
    },
    { colorScheme: 'dark', long: true },
  );
}
