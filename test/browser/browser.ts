import { existsSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import type { App } from '../../app.ts';
import type { Ending } from '../ending.ts';
import { isLong } from '../runs.ts';

/** Milliseconds. The machine may be busy with everything else that is tested; but a file of scenes that all wait in vain must end. */
const PATIENCE = 300_000;
/** A page that asks for what is elsewhere, as the provider's for a font, does not wait for the network that a machine has or not. */
const NO_OTHERS = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';
const LAUNCHES = 10;

/** A Chromium that closes with the test; undefined, and a reason in `why`, where none can start. */
export async function startBrowser(t: Ending): Promise<{ browser: Browser } | { browser: undefined; why: string }> {
  let why = 'no Chromium here: set CHROMIUM_PATH';
  for (let launch = 1; launch <= LAUNCHES; launch += 1) {
    const executablePath = await findChromium();
    if (executablePath === undefined) break;
    try {
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', NO_OTHERS], timeout: PATIENCE });
      t.teardown(() => browser.close());
      return { browser };
    } catch (error) {
      // Another test file may be unpacking it this moment.
      why = String(error);
      await sleep(1_000);
    }
  }
  return { browser: undefined, why };
}

async function findChromium(): Promise<string | undefined> {
  const installed = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((path) => path && existsSync(path));
  if (installed !== undefined || process.platform !== 'linux' || process.arch !== 'x64') return installed;
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}

/** Where the app listens, on a port of its own. */
export async function listen(app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

type Scene = {
  /** Whether the browser's console may say that something failed to load: a refusal that the scene is about. */
  refusals?: boolean;
  colorScheme?: 'light' | 'dark';
  width?: number;
  /** In `npm run test:long` only: Swagger UI takes the browser some seconds of computing, each time it is opened. */
  long?: boolean;
};

/**
 * One test in a page of its own. The page must not throw, and must do nothing that its Content-Security-Policy forbids.
 * When it fails, screenshots/ shows what was there to see.
 */
export async function scene(
  t: Test,
  browser: Browser,
  name: string,
  play: (t: Test, page: Page) => Promise<void>,
  { refusals = false, colorScheme = 'light', width = 1280, long = false }: Scene = {},
): Promise<void> {
  await t.test(name, { skip: long && !isLong && 'npm run test:long plays it' }, async (t) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript({ path: fileURLToPath(new URL('in-page.js', import.meta.url)) });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (message.type() !== 'error' || (refusals && message.text().startsWith('Failed to load resource'))) return;
      complaints.push(`${message.text()} ${message.location().url}`.trim());
    });
    try {
      await play(t, page);
      t.strictSame(complaints, [], 'the page has nothing to complain about');
    } catch (error) {
      t.fail(error as Error);
    } finally {
      if (!t.passing()) await shoot(page, name);
      await context.close();
    }
  });
}

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync('screenshots', { recursive: true });
  await page.screenshot({ path: `screenshots/${name.replace(/\W+/g, '-').slice(0, 80)}.png`, fullPage: true });
}
