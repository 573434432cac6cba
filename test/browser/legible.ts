import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What in-page.js finds in a page: nothing, where it is well made. */
export const paleTexts = (page: Page): Promise<string[]> => page.evaluate('inPage.paleTexts()');
export const brokenWords = (page: Page): Promise<string[]> => page.evaluate('inPage.brokenWords()');
export const stumbles = (page: Page): Promise<string[]> => page.evaluate('inPage.stumbles()');

/** What axe-core finds in a page, and where. */
export async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))',
  );
}

/** What has the focus, and whether that can be seen. */
export const focused = (page: Page): Promise<{ name: string; seen: boolean }> => page.evaluate('inPage.focused()');
