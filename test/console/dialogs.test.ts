import type { Page } from 'playwright-core';
import t from 'tap';
import { accessDenied, type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { focused } from '../browser/legible.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  let proxy: FaultProxy | undefined;
  const { app, aws, call } = await build(t, {
    async endpoint(aws) {
      proxy = await startFaultProxy({ target: aws.url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
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
    for (const _ of [1, 2, 3, 4]) await page.keyboard.press('Tab');
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

  await scene(t, browser, 'a page that is left is not asked about where one goes', async (t, page) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    for (let round = 0; round < 5; round += 1) {
      await page.goto(`${service}/console/secrets/demo%2Fapi-key`);
      await page.getByRole('button', { name: 'Share' }).waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('a');
      await page.getByRole('heading', { name: 'Audit' }).waitFor();
    }
    t.strictSame(
      asked.filter((url) => /[?&]secretId=(&|$)/.test(url)),
      [],
    );
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

  await scene(
    t,
    browser,
    'whatever a share is answered with is said, with the way on, and all that asks again is one request',
    async (t, page) => {
      const keys = new Set<string | undefined>();
      page.on('request', (request) => {
        if (request.method() === 'POST' && /shares.*dryRun=false/.test(request.url()))
          keys.add(request.headers()['idempotency-key']);
      });
      const answer = (status: number, code: string, { wait = '', ...more }: Record<string, unknown> = {}) =>
        page.route(
          /\/shares\?/,
          (route) =>
            route.fulfill({
              ...{ status, headers: wait ? { 'retry-after': String(wait) } : {} },
              json: { status, code, title: code, detail: `It is ${code}.`, requestId: 'r', ...more },
            }),
          { times: 1 },
        );
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
      await page.goto(`${service}/console/secrets/demo%2Fdatabase?do=share`);
      await page.getByRole('dialog').waitFor();
      t.notMatch(page.url(), /do=/, 'loaded again it opens nothing');
      await page.getByLabel('Who may read it?').fill('444444444444');
      await page.getByLabel('Why?').fill('report');

      const primary = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:demo/database-AbCdEf';
      await answer(409, 'secret-is-replica', { primary });
      await press('Check');
      const link = page.getByRole('link', { name: 'Open the primary' });
      t.equal(await link.getAttribute('href'), `/console/secrets/${encodeURIComponent(primary)}`);
      await answer(422, 'policy-too-large', { size: 20_612, limit: 20_480 });
      await press('Check');
      await page.getByText('20,612 of 20,480 characters').waitFor();
      await press('Check');
      await page.getByText('Nothing has changed yet').waitFor();

      await answer(503, 'audit-unavailable', { retryable: true });
      await press('Apply');
      await page.getByText('The audit log is away. Nothing was changed.').waitFor();
      await answer(409, 'idempotency-in-flight');
      await press('Try again');
      await page.getByText('It is still being applied.').waitFor();
      await answer(503, 'aws-throttled', { retryable: true, wait: 3600 });
      await press('Look again');
      await page.getByText('It is aws-throttled. Trying again in 3600 s.').waitFor();
      await press('Stop');
      await page.getByText('It is aws-throttled.', { exact: true }).waitFor();
      await answer(503, 'aws-throttled', { retryable: true, wait: 1 });
      await press('Now');
      await page.getByText(/^Shared until/).waitFor();
      t.equal(keys.size, 1);
    },
    { refusals: true },
  );

  const PRIVATE = '/v1/secrets/team%2Fprivate/shares';
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'CreateSecret', {
    ...{ Name: 'team/private', SecretString: 'demo', KmsKeyId: 'alias/private' },
  });
  const grants = async (action: 'createGrant' | 'revokeGrant', outcome: string) => {
    const { json } = await call('GET', `/v1/audit-events?action=${action}&phase=outcome`);
    return json.items.filter((event: { outcome: string | null }) => event.outcome === outcome).length;
  };

  const askToShare = async (page: Page) => {
    await page.goto(`${service}/console/secrets/team%2Fprivate`);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('Who may read it?').fill(MARY);
    await page.getByLabel('Why?').fill('report');
    await page.getByRole('button', { name: 'Check' }).click();
  };
  const openKeyToo = async (page: Page) => {
    await page.getByRole('button', { name: 'Open the key too' }).click();
    await page.getByText('A KMS grant would be made for the reader').waitFor();
  };

  await scene(t, browser, 'undo of a share takes back the grant on its key, too', async (t, page) => {
    await askToShare(page);
    await openKeyToo(page);
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText(/^Shared until/).waitFor();
    t.equal(await grants('createGrant', 'applied'), 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone.', { exact: true }).waitFor();
    t.strictSame((await call('GET', PRIVATE)).json.items, []);
    t.equal(await grants('revokeGrant', 'applied'), 1);

    await call('POST', PRIVATE, { principal: MARY, grantKey: true });
    await page.reload();
    await page.getByRole('button', { name: /^Revoke/ }).click();
    await page.getByLabel('Why?').fill('not any more');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Revoked.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone. If a grant on the key went with it, that was not made again.').waitFor();
    const [share] = (await call('GET', PRIVATE)).json.items;
    t.equal(share.principal, MARY);
    await call('DELETE', `${PRIVATE}/${share.id}`);
  });

  await scene(
    t,
    browser,
    'what was insisted on goes with what is changed, and half done is told as that',
    async (t, page) => {
      await askToShare(page);
      await openKeyToo(page);
      await page.getByRole('button', { name: 'Back' }).click();
      await page.getByLabel('7 days').check();
      await page.getByRole('button', { name: 'Check' }).click();
      await openKeyToo(page);
      const lift = proxy?.inject('CreateGrant', accessDenied('kms:CreateGrant'));
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^Shared until .*Half done: .*kms:CreateGrant/).waitFor();
      const [share] = (await call('GET', PRIVATE)).json.items;
      const days = (Date.parse(share.expiresAt) - Date.parse(share.at)) / 86_400_000;
      t.ok(days > 6.9 && days <= 7, `for ${days} days`);
      lift?.();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Undone.', { exact: true }).waitFor();

      await askToShare(page);
      await openKeyToo(page);
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^Shared until/).waitFor();
      const heal = proxy?.inject('RevokeGrant', accessDenied('kms:RevokeGrant'));
      // Its second stage, too: others changed the policy since.
      await call('POST', '/v1/secrets/team%2Fprivate/denials', { principal: APP_ROLE });
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Others changed it since. Undo takes away only this.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText(/^Half undone: .*whether a key grant is left in us-east-1 is not known/).waitFor();
      heal?.();
    },
    { refusals: true },
  );
}
