import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { App } from '../../app.ts';
import { AUDIENCE, createSigningKey, startIssuer } from '../authentication/issuer.ts';
import { buildWithCallers } from '../callers.ts';
import { build } from '../helper.ts';
import { eventually } from '../wait.ts';
import { listen, scene, startBrowser } from './browser.ts';
import { paleTexts } from './legible.ts';
import { letIn, startProvider } from './provider.ts';
import { authorize, call } from './swagger-ui.ts';

const CLIENT = 'swagger-ui';
/** The team that demo/database is of. */
const TEAM = 'payments';

/** Shares from the page. @returns who did it, as the audit log has it */
async function shareAs(t: Test, page: Page, { services }: App): Promise<string | undefined> {
  t.equal((await (await call(page, 'Share', 'createShare')).execute()).status, '201');
  const { items } = await services.journal.list({ action: 'share' }, { limit: 1 });
  return items[0]?.actor.subject;
}

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('Authorize in a browser', { skip: found.why });
} else {
  const { browser } = found;

  await scene(
    t,
    browser,
    'an API key is pasted, used, and forgotten with the page',
    async (t, page) => {
      const { app, keys } = await buildWithCallers(t, { carol: { groups: [TEAM] } });
      await page.goto(`${await listen(app)}/docs`);
      const look = await call(page, 'Look', 'listSecrets');
      t.equal((await look.execute()).status, '401');
      t.equal(
        await look.block.getByRole('button', { name: 'authorization button unlocked' }).count(),
        1,
        'a padlock says that it takes a key',
      );
      await page.locator('.auth-wrapper > .btn.authorize').click();
      await page.locator('.auth-container').first().waitFor();
      const ways = await page.locator('.auth-container h4').allTextContents();
      t.same(
        ways.map((way) => way.split(/\s/)[0]),
        ['apiKey'],
        'and no other way',
      );
      t.strictSame(await paleTexts(page), [], 'the dialog is legible by day');
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.evaluate("document.documentElement.classList.add('dark-mode')");
      t.strictSame(await paleTexts(page), [], 'and by night');
      await page.setViewportSize({ width: 390, height: 900 });
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, 'and on a telephone');
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.locator('.close-modal').click();
      await authorize(page, 'apiKey', keys.carol);
      await look.block.getByRole('button', { name: 'authorization button locked' }).waitFor();
      t.equal(await shareAs(t, page, app), 'carol');
      t.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
    },
    { refusals: true, long: true },
  );

  await scene(
    t,
    browser,
    'a bearer token is pasted and used',
    async (t, page) => {
      const issuer = await startIssuer(t);
      const key = await createSigningKey('es', 'ES256');
      issuer.state.keys = [key.jwk];
      const env = { AUTH_MODE: 'jwt', JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: AUDIENCE };
      const { app } = await build(t, { env });
      await page.goto(`${await listen(app)}/docs`);
      const scope = 'policy:read policy:write audit:read';
      await authorize(page, 'bearer', await issuer.sign(key, new Date(), { sub: 'dave', scope, groups: [TEAM] }));
      t.equal(await shareAs(t, page, app), 'dave');
    },
    { long: true },
  );

  await scene(t, browser, 'people sign in with a real OpenID Connect provider, by code and PKCE', async (t, page) => {
    const provider = await startProvider(t, { client: CLIENT, groups: [TEAM] });
    const { app } = await build(t, {
      env: {
        AUTH_MODE: 'jwt',
        JWT_ISSUER: provider.issuer,
        JWT_AUDIENCE: AUDIENCE,
        SWAGGER_OAUTH_CLIENT_ID: CLIENT,
      },
    });
    const service = await listen(app);
    provider.serve(`${service}/docs/static/oauth2-redirect.html`);
    // Asked at the start, and again after a while where it did not answer in time.
    const flows = await eventually(async () => {
      const { components } = (await (await fetch(`${service}/docs/json`)).json()) as {
        components: { securitySchemes: { oauth2?: { flows: object } } };
      };
      if (components.securitySchemes.oauth2 === undefined) throw new Error('the issuer has not said where');
      return components.securitySchemes.oauth2.flows;
    });
    t.match(flows, {
      authorizationCode: { authorizationUrl: `${provider.issuer}/auth`, tokenUrl: `${provider.issuer}/token` },
    });

    await page.goto(`${service}/docs`);
    await page.locator('.auth-wrapper > .btn.authorize').click();
    const form = page.locator('.auth-container').filter({ hasText: 'authorizationCode' });
    const asked = page
      .context()
      .waitForEvent('request', (request) => request.url().startsWith(`${provider.issuer}/auth?`));
    const opened = page.waitForEvent('popup');
    await form.locator('button.authorize').click();
    t.match((await asked).url(), 'code_challenge_method=S256');
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await letIn(popup, 'erin');
    await closed;

    await form.locator('button', { hasText: 'Logout' }).waitFor();
    await page.locator('.btn-done').last().click();
    t.equal(await shareAs(t, page, app), 'erin');
  });
}
