import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import tap from 'tap';
import { listen, startBrowser } from '../test/browser/browser.ts';
import { buildConsole, endStreams } from '../test/console/world.ts';

/**
 * Pictures of every page of the console, light and dark, wide and narrow, to be looked at:
 * `node scripts/console-screenshots.ts [part of a name]` writes them to screenshots/console.
 */
const FOLDER = 'screenshots/console';
const only = process.argv[2] ?? '';
// The world is one of tests, whose runner gives up after half a minute.
tap.setTimeout(0);
const looks = [
  { name: 'light', colorScheme: 'light', width: 1280 },
  { name: 'dark', colorScheme: 'dark', width: 1280 },
  { name: 'narrow', colorScheme: 'light', width: 390 },
] as const;

/** Pixels in which all of the page is seen, and of its dialog, which takes the greater part: what sticks to an edge is there. */
const NEEDED = `Math.min(4000, Math.max(900, document.documentElement.scrollHeight,
  ...Array.from(document.querySelectorAll('dialog'), (dialog) => Math.ceil(dialog.scrollHeight / 0.9))))`;

const ends: (() => Promise<void> | void)[] = [];
const t = { teardown: (end: () => Promise<void> | void) => void ends.unshift(end) };
try {
  const { browser } = await startBrowser(t);
  if (browser === undefined) throw new Error('no Chromium here: set CHROMIUM_PATH');
  const { app, pages } = await buildConsole(t);
  const service = await listen(app);
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, colorScheme, width } of looks) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    await endStreams(page);
    page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
    page.on('pageerror', (error) => console.error(error));
    for (const [title, { path, play, width: its = width }] of Object.entries(pages)) {
      if (!title.includes(only) || its !== width) continue;
      await page.setViewportSize({ width, height: 900 });
      await shoot(page, `${service}${path}`, play, `${FOLDER}/${title}-${name}.png`);
    }
    await context.close();
  }
} finally {
  for (const end of ends) await end();
}

async function shoot(page: Page, url: string, play: ((page: Page) => Promise<void>) | undefined, path: string) {
  await page.goto(url);
  await page.locator('main h1:not(.unseen)').waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
  await play?.(page);
  const { width = 0 } = page.viewportSize() ?? {};
  await page.setViewportSize({ width, height: Number(await page.evaluate(NEEDED)) });
  await page.screenshot({ path });
  console.log(path);
}
