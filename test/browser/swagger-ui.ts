import type { Page } from 'playwright-core';

/** One call of Swagger UI, opened if need be. */
export async function call(page: Page, tag: string, operation: string) {
  const block = page.locator(`#operations-${tag}-${operation}`);
  const execute = block.locator('button.execute');
  await page.locator('.opblock-tag').first().waitFor();
  if ((await block.count()) === 0) await page.locator(`#operations-tag-${tag} .expand-operation`).click();
  await block.waitFor();
  if (!(await block.evaluate((element) => element.classList.contains('is-open')))) {
    await block.locator('.opblock-summary-control').click();
  }
  await execute.waitFor();
  const answer = block.locator('.live-responses-table tbody > .response');
  return {
    block,
    body: block.locator('textarea.body-param__text'),
    parameter: (name: string) => block.locator(`tr[data-param-name="${name}"] input`),
    /** Folds it away: Swagger UI draws every open call anew whenever anything changes. */
    close: () => block.locator('.opblock-summary-control').click(),
    /** Presses Execute; what Swagger UI shows of the answer. */
    async execute(): Promise<{ status: string; text: string }> {
      const clear = block.locator('.btn-clear');
      if (await clear.isVisible()) await clear.click();
      await execute.click();
      await answer.waitFor();
      const status = await answer.locator('.response-col_status').textContent();
      return {
        status: status?.slice(0, 3) ?? '',
        text: (await answer.locator('.response-col_description').textContent()) ?? '',
      };
    },
  };
}

/** Fills one field of the Authorize dialog, and closes it. */
export async function authorize(page: Page, scheme: string, value: string): Promise<void> {
  await page.locator('.auth-wrapper > .btn.authorize').click();
  const form = page.locator('.auth-container').filter({ hasText: scheme });
  await form.locator('input[type="text"], input[type="password"]').fill(value);
  await form.locator('button.authorize').click();
  await form.locator('button', { hasText: 'Logout' }).waitFor();
  await page.locator('.btn-done').last().click();
}
