import type { Page } from 'playwright-core';

/** Somebody at a page who has read no documentation. What they do is counted by the page itself (in-page.js). */
export const personAt = (page: Page) => ({
  type: (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text),
  choose: (label: string, option: string) => page.getByLabel(label, { exact: true }).selectOption(option),
  button: (name: string | RegExp) =>
    page
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click(),
  link: (name: string) => page.getByRole('link', { name, exact: true }).first().click(),
  /** Since the page was loaded: clicks, keys, and texts that were filled in or chosen. */
  interactions: (): Promise<number> => page.evaluate('inPage.interactions()'),
});

/** More than a task may take. */
export const AT_MOST = 12;
