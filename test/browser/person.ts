import type { Locator, Page } from 'playwright-core';

/** Somebody at a page who has read no documentation: what they do is counted, each click, text and key. */
export function personAt(page: Page) {
  let interactions = 0;
  const counted = <T>(doing: Promise<T>): Promise<T> => {
    interactions += 1;
    return doing;
  };
  return {
    click: (target: Locator) => counted(target.click()),
    type: (label: string, text: string) => counted(page.getByLabel(label, { exact: true }).fill(text)),
    press: (key: string) => counted(page.keyboard.press(key)),
    choose: (label: string, option: string) => counted(page.getByLabel(label, { exact: true }).selectOption(option)),
    button: (name: string | RegExp) =>
      counted(
        page
          .getByRole('button', { name, exact: typeof name === 'string' })
          .first()
          .click(),
      ),
    link: (name: string) => counted(page.getByRole('link', { name, exact: true }).first().click()),
    get interactions() {
      return interactions;
    },
  };
}

/** More than a task may take. */
export const AT_MOST = 12;
