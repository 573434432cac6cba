import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { listen, scene, startBrowser } from './browser.ts';
import { focused, paleTexts, stumbles } from './legible.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('who can read, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app, aws, call } = await build(t);
  const service = await listen(app);
  await call('POST', `${DATABASE}/shares`, { principal: MARY });
  await call('POST', `${DATABASE}/shares`, { principal: APP_ROLE, sourceVpcEndpoints: ['vpce-0123456789abcdef0'] });
  await call('POST', `${DATABASE}/shares`, { organization: 'o-local00001', expiresAt: '2099-01-01T00:00:00Z' });

  await scene(t, browser, 'a secret is found by its name, and shows who may read it', async (t, page) => {
    await page.goto(`${service}/access`);
    await page.getByRole('link', { name: 'demo/api-key' }).waitFor();
    await page.getByLabel('The name starts with').fill('demo/d');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('2 found.').waitFor();
    t.match(page.url(), /\?name=demo%2Fd$/, 'a search can be linked to');
    await page.getByRole('link', { name: 'demo/database' }).click();

    const reads = page.getByRole('region', { name: /^May read/ });
    await reads.getByRole('heading', { name: 'Mary' }).waitFor();
    t.match(await page.title(), /^demo\/database/);
    const depends = page.getByRole('region', { name: /^Depends/ });
    t.match(await depends.textContent(), /the VPC endpoint that the call comes through.* vpce-0123456789abcdef0/);
    t.match(await reads.textContent(), /Organization.*Ends 1 Jan 2099/);
    t.equal(await page.getByRole('region', { name: /^Denied/ }).count(), 0);

    const way = reads.getByRole('list', { name: 'The way to the secret' }).first().getByRole('listitem');
    t.strictSame(await way.allTextContents(), [
      'Own accountnot known from here',
      'Keylets it through',
      'Secret’s policylets it through',
      'Secretopen',
    ]);
    await reads.getByText('Why, and what it takes').first().click();
    t.match(await reads.textContent(), /kms:Decrypt/, 'with the statement to paste');
  });

  await scene(t, browser, 'the key of each replica stands on the way, under its Region', async (t, page) => {
    const owner = (operation: string, input: object) =>
      aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
    const AddReplicaRegions = [{ Region: 'eu-west-1' }];
    owner('CreateSecret', { Name: 'team/wide', KmsKeyId: 'alias/demo', SecretString: 'x', AddReplicaRegions });
    await call('POST', '/v1/secrets/team%2Fwide/shares', { principal: MARY });
    await page.goto(`${service}/access/team%2Fwide`);
    const depends = page.getByRole('region', { name: /^Depends/ });
    await depends.getByRole('heading', { name: 'Mary' }).waitFor();
    const way = depends.getByRole('list', { name: 'The way to the secret' }).first().getByRole('listitem');
    t.strictSame((await way.allTextContents()).slice(1, 3), [
      'Key in us-east-1lets it through',
      'Key in eu-west-1does not let it through',
    ]);
  });

  await scene(t, browser, 'a denial moves Mary to those who are denied, and names the statement', async (t, page) => {
    await call('POST', `${DATABASE}/denials`, { principal: MARY });
    await call('POST', `${DATABASE}/restrictions`, { boundary: { sourceIps: ['203.0.113.0/24'] } });
    await page.goto(`${service}/access/demo%2Fdatabase`);
    const denied = page.getByRole('region', { name: /^Denied/ });
    await denied.getByRole('heading', { name: 'Mary' }).waitFor();
    t.match(await denied.textContent(), /Denied by Deny[0-9a-f]{16}/);
    t.match(await denied.textContent(), /Secret’s policydenies it.*Secretshut/);
    t.match(await page.locator('#alerts').textContent(), /outside the addresses 203\.0\.113\.0\/24 is denied/);
    t.match(await page.getByRole('status').textContent(), /May read: 0, .*Denied: 2/, 'said to screen readers');
  });

  await scene(
    t,
    browser,
    'what others wrote, what they dropped and what has ended is there to see',
    async (t, page) => {
      await call('POST', '/v1/secrets/demo%2Fapi-key/shares', { principal: MARY });
      const owner = new SecretsManagerClient({
        region: 'us-east-1',
        endpoint: aws.url,
        credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
      });
      const over = {
        Sid: 'Contract',
        Effect: 'Allow',
        Principal: { AWS: APP_ROLE },
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
        Condition: {
          DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' },
          StringNotEquals: { 'aws:PrincipalTag/team': '<img src=x onerror=alert(1)>' },
        },
      };
      const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [over] });
      await owner.send(new PutResourcePolicyCommand({ SecretId: 'demo/api-key', ResourcePolicy }));
      owner.destroy();

      await page.goto(`${service}/access/demo%2Fapi-key`);
      const ended = page.getByRole('region', { name: /^No longer/ });
      await ended.getByRole('heading', { name: 'app' }).waitFor();
      t.match(await ended.textContent(), /Expired 1 Jan 2020/);
      t.match(await ended.textContent(), /By a statement of others/);
      t.match(await page.locator('#alerts').textContent(), /Somebody else dropped 1 of ours: share .*Mary/);
      t.match(await page.locator('#rest').textContent(), /<img src=x onerror=alert\(1\)>/, 'text, never markup');
      t.equal(await page.locator('main img').count(), 0);
    },
  );

  await scene(t, browser, 'it can be used without a mouse', async (t, page) => {
    await page.goto(`${service}/access`);
    await page.getByRole('link', { name: 'demo/database' }).waitFor();
    const press = async (key: string) => {
      await page.keyboard.press(key);
      return focused(page);
    };
    t.strictSame(await press('Tab'), { name: 'Skip to the content', seen: true });
    await press('Enter');
    t.strictSame(await press('Tab'), { name: 'The name starts with', seen: true });
    await page.keyboard.type('demo/database');
    await press('Enter');
    await page.getByText('1 found.').waitFor();
    t.strictSame(await press('Tab'), { name: 'Search', seen: true });
    t.strictSame(await press('Tab'), { name: 'demo/database', seen: true });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Mary' }).waitFor();

    const reached: string[] = [];
    for (let { name, seen } = await press('Tab'); reached.length < 60; { name, seen } = await press('Tab')) {
      t.ok(seen, `${name} shows that it has the focus`);
      reached.push(name);
      if (name !== 'Why, and what it takes') continue;
      await press('Enter');
      break;
    }
    t.equal(await page.locator('details[open]').count(), 1);
    t.match(await press('Tab'), { seen: true }, 'and on into what has opened');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await scene(
        t,
        browser,
        `${colorScheme}, ${width} pixels wide: legible, labelled, and nothing sticks out`,
        async (t, page) => {
          for (const path of ['/access', '/access/demo%2Fdatabase', '/access/demo%2Fapi-key']) {
            await page.goto(`${service}${path}`);
            await page.locator('.secrets > li, .reader').first().waitFor();
            await page.getByRole('button', { name: 'Credentials' }).click();
            await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
            t.strictSame(await paleTexts(page), [], path);
            t.strictSame(await stumbles(page), [], path);
            t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, path);
          }
        },
        { colorScheme, width },
      );
    }
  }

  await scene(
    t,
    browser,
    'a secret that is not there is said to be so',
    async (t, page) => {
      await page.goto(`${service}/access/demo%2Fnothing`);
      await page.getByText('No such secret').waitFor();
      await page.getByRole('link', { name: 'What to do' }).click();
      await page.waitForURL(`${service}/problems/secret-not-found`);
      t.match(await page.content(), 'What to do');
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'where callers need a key, it asks for one, and forgets it with the tab',
    async (t, page) => {
      const { app, keys } = await buildWithCallers(t, { carol: {} });
      const guarded = await listen(app);
      await page.goto(`${guarded}/access`);
      await page.getByText('An API key is needed').first().waitFor();
      await page.keyboard.type(keys.carol);
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'demo/database' }).click();
      await page.getByRole('region', { name: /^May read/ }).waitFor();
      t.strictSame(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'), [0, 1, '']);

      const other = await page.context().newPage();
      await other.goto(`${guarded}/access`);
      await other.getByText('An API key is needed').first().waitFor();

      await page.getByRole('button', { name: 'Credentials' }).click();
      await page.getByRole('button', { name: 'Forget it' }).click();
      await page.getByText('An API key is needed').first().waitFor();
      t.equal(await page.evaluate('sessionStorage.length'), 0);
    },
    { refusals: true },
  );
}
