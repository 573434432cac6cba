import t from 'tap';
import { AUDIENCE } from '../authentication/issuer.ts';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { letIn, startProvider } from '../browser/provider.ts';
import { build } from '../helper.ts';

const CLIENT = 'console';
const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('signing in to the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const provider = await startProvider(t, { client: CLIENT, groups: ['payments'] });
  const env = { AUTH_MODE: 'jwt', JWT_ISSUER: provider.issuer, JWT_AUDIENCE: AUDIENCE };
  const { app } = await build(t, { env: { ...env, CONSOLE_OAUTH_CLIENT_ID: CLIENT } });
  const service = await listen(app);
  provider.serve(`${service}/console/signed-in`);
  const secret = `${service}/console/secrets/demo%2Fdatabase`;
  const withIssuer = { name: `Sign in with ${new URL(provider.issuer).host}` };

  await scene(
    t,
    browser,
    'people sign in with a real OpenID Connect provider, and are back where they were',
    async (t, page) => {
      await page.goto(`${secret}?q=1`);
      const asked = page.waitForRequest((request) => request.url().startsWith(`${provider.issuer}/auth?`));
      await page.getByRole('button', withIssuer).click();
      const { searchParams } = new URL((await asked).url());
      t.match(Object.fromEntries(searchParams), {
        response_type: 'code',
        code_challenge_method: 'S256',
        redirect_uri: `${service}/console/signed-in`,
        state: /.{20}/,
        nonce: /.{20}/,
      });
      await letIn(page, 'erin');
      await page.getByRole('list', { name: 'In short' }).waitFor();
      t.equal(page.url(), `${secret}?q=1`, 'the code is gone from the address');
      t.match(await page.locator('header').textContent(), 'erin');
      t.strictSame(
        await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'),
        [0, 0, ''],
        'nothing is kept: neither the token, nor what it was asked for with',
      );
      await page.reload();
      await page.getByRole('button', withIssuer).click();
      await page.getByRole('list', { name: 'In short' }).waitFor();

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: /sign-out/i }).waitFor();
      t.equal(new URL(page.url()).origin, provider.issuer, 'the issuer ends its session, too');
      await page.getByRole('button', { name: /^Yes/ }).click();
      await page.getByText(/Sign-out Success/).waitFor();
      await page.goto(secret);
      await page.getByRole('button', withIssuer).click();
      await page.locator('input[name=login]').waitFor();
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'an answer that was not asked for here is not taken, and a refusal is told',
    async (t, page) => {
      await page.goto(`${service}/console/signed-in?code=stolen&state=any`);
      await page.getByText('Signing in failed: nobody began to sign in here.').waitFor();
      t.equal(page.url(), `${service}/console`);

      await page.getByRole('button', withIssuer).click();
      await page.getByRole('link', { name: 'Cancel' }).click();
      await page.getByText('Signing in failed: End-User aborted interaction').waitFor();

      const begun = { verifier: 'v'.repeat(43), state: 'mine', nonce: 'n', back: '/console/inbox' };
      await page.evaluate(
        `sessionStorage.setItem('secret-access.signing-in', ${JSON.stringify(JSON.stringify(begun))})`,
      );
      await page.goto(
        `${service}/console/signed-in?code=stolen&state=theirs&iss=${encodeURIComponent(provider.issuer)}`,
      );
      await page.getByText(/^Signing in failed: unexpected "state"/).waitFor();
      t.equal(await page.evaluate('sessionStorage.length'), 0);
    },
    { refusals: true },
  );
}
