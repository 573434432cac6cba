import type { Page } from 'playwright-core';

/** What in-page.js finds in a page: nothing, where it is well made. */
export const paleTexts = (page: Page): Promise<string[]> => page.evaluate('inPage.paleTexts()');
export const stumbles = (page: Page): Promise<string[]> => page.evaluate('inPage.stumbles()');

/** What has the focus, and whether that can be seen. */
export const focused = (page: Page): Promise<{ name: string; seen: boolean }> => page.evaluate('inPage.focused()');
