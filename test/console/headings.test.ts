import type { Page } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { build } from '../helper.ts';

/** Holds back what is asked for, until it is let go. */
async function heldBack(page: Page, path: string) {
  const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  await page.route(path, async (route) => {
    asked();
    await isLetGo;
    await route.continue();
  });
  return { isAsked, letGo };
}

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const { app } = await build(t);
  const service = await listen(app);

  await scene(t, browser, 'a page has a heading at every moment, however slowly its parts come', async (t, page) => {
    // What is seen of every change of the page: a screen reader, or axe, may look at any of them.
    await page.addInitScript(`
      globalThis.headings = new Set();
      new MutationObserver(() => {
        if (document.querySelector('main')) headings.add(document.querySelectorAll('h1').length);
      }).observe(document, { childList: true, subtree: true });
    `);
    const me = await heldBack(page, '**/v1/me');
    const inbox = await heldBack(page, '**/console-files/*/pages/inbox.js');
    const findings = await heldBack(page, '**/console-files/*/pages/findings.js');
    await page.goto(`${service}/console/inbox`);
    await me.isAsked;
    await page.locator('main h1').waitFor({ state: 'attached' });
    me.letGo();
    await inbox.isAsked;
    await page.getByRole('link', { name: 'Findings', exact: true }).waitFor();
    t.equal(await page.locator('main h1').count(), 1, 'before the first page came');
    inbox.letGo();
    await page.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Findings', exact: true }).click();
    await findings.isAsked;
    t.equal(await page.locator('main h1').count(), 1, 'before the next page came');
    findings.letGo();
    await page.getByRole('heading', { name: 'Findings', level: 1 }).waitFor();
    t.strictSame(await page.evaluate('[...headings]'), [1]);
  });
}
