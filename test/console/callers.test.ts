import type { Page, Route } from 'playwright-core';
import t from 'tap';
import { listen, scene, startBrowser } from '../browser/browser.ts';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';
import { SHARES_WAIT, start } from '../routes/approvals.ts';

const DATABASE = '/console/secrets/demo%2Fdatabase';

const REVOKES_WAIT = `${SHARES_WAIT.replaceAll('Action::"share"', 'Action::"revokeShare"')}
@id("well-founded")
forbid (principal, action == Action::"share", resource)
unless { context.hasReason && context.hasTicket && context has expiresAt };
`;

const BUSY = { status: 503, title: 'Busy', detail: 'Too much to do.', code: 'overloaded', retryable: true };

const found = await startBrowser(t);
if (found.browser === undefined) {
  t.pass('the console, in a browser', { skip: found.why });
} else {
  const { browser } = found;
  const guarded = await buildWithCallers(
    t,
    {
      mary: { groups: ['payments'] },
      sam: { groups: ['security'] },
      rita: { scopes: ['policy:read'] },
    },
    { policies: { 'write.cedar': SHARES_WAIT } },
  );
  const service = await listen(guarded.app);
  const signIn = async (page: Page, key: string) => {
    await page.getByRole('dialog', { name: 'Who are you?' }).waitFor();
    await page.keyboard.type(key);
    await page.keyboard.press('Enter');
  };

  const once = (page: Page, path: RegExp, answer: (route: Route) => Promise<void>) =>
    page.route(path, answer, { times: 1 });

  // All that is awaited before the first scene: after one tap ends a file that has nothing under way.
  const asking = await buildWithCallers(t, {
    mary: { groups: ['payments'] },
    ray: { scopes: ['policy:read', 'access:request'] },
  });
  const askingService = await listen(asking.app);
  const careful = await start(t, { policy: REVOKES_WAIT });
  const carefulService = await listen(careful.app);

  await scene(
    t,
    browser,
    'where callers need a key, it asks for one, and forgets it with the tab',
    async (t, page) => {
      await page.goto(`${service}/console/secrets`);
      await signIn(page, guarded.keys.mary);
      await page.getByRole('link', { name: 'demo/database' }).waitFor();
      t.match(await page.locator('header').textContent(), 'mary');
      t.strictSame(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'), [0, 1, '']);
      const other = await page.context().newPage();
      await other.goto(`${service}/console`);
      await other.getByRole('dialog', { name: 'Who are you?' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('dialog', { name: 'Who are you?' }).waitFor();
      t.equal(await page.evaluate('sessionStorage.length'), 0);
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'what a caller may not do is not offered',
    async (t, page) => {
      await page.goto(`${service}${DATABASE}`);
      await signIn(page, guarded.keys.rita);
      await page.getByRole('list', { name: 'In short' }).waitFor();
      await page.waitForLoadState('networkidle');
      t.equal(await page.getByRole('button', { name: /^(Share|Deny|Restrict|Revoke)/ }).count(), 0);
      t.equal(await page.getByRole('link', { name: 'Timeline' }).count(), 0);
      t.strictSame(await page.getByRole('navigation', { name: 'Console' }).getByRole('link').allTextContents(), [
        ...['Home', 'Secrets'],
      ]);
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'what needs a second person waits in their inbox, and is approved or rejected there with a reason',
    async (t, page) => {
      const share = async (who: string) => {
        await page.goto(`${service}${DATABASE}`);
        await page.getByRole('button', { name: 'Share' }).click();
        await page.getByLabel('Who may read it?').fill(who);
        await page.getByLabel('Why?').fill('monthly report');
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByRole('button', { name: 'Ask security' }).click();
        await page.getByText('Waits for security. Nothing has changed.').waitFor();
      };
      await page.goto(`${service}/console/secrets`);
      await signIn(page, guarded.keys.mary);
      await page.getByRole('link', { name: 'demo/database' }).waitFor();
      await share(MARY);
      await share('222222222222');
      await page.getByRole('link', { name: 'See the request' }).click();
      await page.getByText(/^Waits for security, until/).waitFor();
      t.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0, 'not one’s own');
      await share('333333333333');
      await page.getByRole('link', { name: 'See the request' }).click();
      await page.getByRole('button', { name: 'Withdraw' }).click();
      await page.getByText('Withdrawn. Nothing was changed.').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await signIn(page, guarded.keys.sam);

      // What comes is told by the stream, not found by asking again.
      await page.addInitScript('window.setInterval = () => 0');
      await page.goto(`${service}/console/inbox`);
      const inbox = page.getByRole('main').getByRole('listitem');
      await inbox.nth(1).waitFor();
      const mary = guarded.as('mary');
      const asked = await mary.post('/v1/secrets/demo%2Fdatabase/shares', { principal: '444444444444' });
      await inbox.filter({ hasText: '444444444444' }).waitFor();
      await mary.post(`/v1/approvals/${asked.json.approvalId}/withdraw`, {});
      await inbox.filter({ hasText: '444444444444' }).waitFor({ state: 'detached' });
      await inbox.filter({ hasText: '222222222222' }).getByRole('link').click();
      await page.getByRole('button', { name: 'Reject' }).click();
      await page.getByText('A reason is needed').waitFor();
      await page.getByLabel('Why?').fill('not that account');
      await page.getByRole('button', { name: 'Reject' }).click();
      await page.getByText('Rejected. Nothing was changed.').waitFor();
      // The one below moves up then, from under the pointer.
      await page.locator('.inbox li').filter({ hasText: '222222222222' }).waitFor({ state: 'detached' });
      // The service is too busy to say at first whether somebody may decide, and what it would do.
      await once(page, /authorization-checks$/, (route) => route.fulfill({ status: 503, json: BUSY }));
      await once(page, /approvals\/(?!events)[^/?]+$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), etag: null } });
        // As it is asked again every so often.
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      });
      await inbox.filter({ hasText: 'Mary' }).getByRole('link').first().click();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Approved and applied.').waitFor();
      await page.getByText('Nothing waits for you.').waitFor();

      const { json } = await guarded.as('sam').get('/v1/approvals');
      t.match(json.items, [
        { status: 'rejected', decidedBy: { subject: 'mary' } },
        { status: 'rejected', decidedBy: { subject: 'mary' } },
        { status: 'rejected', decisionReason: 'not that account', decidedBy: { subject: 'sam' } },
        { status: 'applied', decidedBy: { subject: 'sam' } },
      ]);
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'who may not share asks for access; in another browser somebody gives less, after a look at the policy of now',
    async (t, page) => {
      await page.goto(`${askingService}${DATABASE}`);
      await signIn(page, asking.keys.ray);
      await page.getByRole('button', { name: 'Ask for access' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('link', { name: 'Ask', exact: true }).click();
      await page.getByLabel('Which secret?').fill('demo/database');
      await page.getByLabel('Who wants to read it?').fill('222222222222');
      await page.getByLabel('Why?').fill('I run the monthly report');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      const mine = page
        .getByRole('main')
        .getByRole('listitem')
        .filter({ hasText: 'Share demo/database with 222222222222' });
      await mine.getByText('Waits', { exact: true }).waitFor();
      await mine.getByText('What your own side needs').click();
      const edge = await page.evaluate(
        "['.request', '.request > a'].map((one) => getComputedStyle(document.querySelector(one)).borderTopWidth)",
      );
      t.strictSame(edge, ['1px', '0px'], 'one card holds all of a request');
      await mine
        .getByRole('button', { name: /^Copy statement for 222222222222|The statement/ })
        .or(mine.getByText('The statement'))
        .first()
        .waitFor();
      t.equal(await page.getByText('Difference').count(), 0, 'what it does to the policy is not for them');

      const another = await browser.newContext({ viewport: { width: 390, height: 900 } });
      const approver = await another.newPage();
      await approver.goto(`${askingService}/console`);
      await signIn(approver, asking.keys.mary);
      await approver.getByRole('link', { name: 'Share demo/database with 222222222222' }).click();
      await approver.getByText('“I run the monthly report”').last().waitFor();
      await approver.getByText(/^222222222222 may read demo\/database once its own account allows it\.$/).waitFor();
      t.match(await approver.locator('.approval .facts').textContent(), /Who222222222222What.*Until.* UTC/);
      t.match(await approver.locator('.approval .legs').textContent(), /Secret’s policy.*Key.*Own account/);
      t.match(await approver.locator('.approval .effect').textContent(), /Gains.*222222222222.*Loses.*nobody/);
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
      await approver.getByLabel('Until (UTC)').fill(tomorrow);
      await approver.getByLabel('DescribeSecret').uncheck();
      await approver.getByLabel('Why?').fill('for a day');
      await asking.as('mary').post('/v1/secrets/demo%2Fdatabase/denials', { principal: APP_ROLE });
      await approver.getByRole('button', { name: 'Approve' }).click();
      await approver.getByRole('button', { name: 'I have looked' }).click();
      await approver.getByRole('button', { name: 'Approve' }).click();
      await approver.getByText(/^Approved and applied\./).waitFor();
      await another.close();

      await page.getByRole('link', { name: 'Home' }).click();
      await page.getByRole('link', { name: 'Ask', exact: true }).click();
      await mine.getByText('Applied', { exact: true }).waitFor();
      await mine.getByText('mary: “for a day”').waitFor();
      const { json } = await asking.as('mary').get('/v1/secrets/demo%2Fdatabase/shares');
      t.match(
        json.items.find(({ principal }: { principal: string }) => principal.includes('222222222222')),
        { actions: ['secretsmanager:GetSecretValue'], expiresAt: `${tomorrow}T23:59:59Z` },
      );
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'what takes a ticket and an end is offered, and an undo that waits is told as that',
    async (t, page) => {
      await page.goto(`${carefulService}${DATABASE}`);
      await signIn(page, careful.keys.mary);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill(MARY);
      await page.getByLabel('Why?').fill('monthly report');
      await page.getByLabel('Ticket').fill('OPS-1');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^Shared until/).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Waits for security. Nothing has changed.').waitFor();
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByLabel('Who may read it?').fill('222222222222');
      await page.getByLabel('Why?').fill('migration');
      await page.getByLabel('Ticket').fill('OPS-2');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^Shared until/).waitFor();
      await careful.as('mary').post('/v1/secrets/demo%2Fdatabase/denials', { principal: APP_ROLE });
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Others changed it since. Undo takes away only this.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Waits for security. Nothing has changed.').waitFor();
      const { json } = await careful.as('mary').get('/v1/secrets/demo%2Fdatabase/shares');
      t.equal(json.items.length, 2, 'nothing is undone so far');
    },
    { refusals: true },
  );

  await scene(
    t,
    browser,
    'whoever signs in after somebody else sees nothing of theirs',
    async (t, page) => {
      await page.goto(`${service}${DATABASE}`);
      await signIn(page, 'no key');
      await page.getByText(/^This is neither a key nor a token/).waitFor();
      await page.getByLabel('An API key, or a bearer token').fill('');
      await page.keyboard.type(guarded.keys.mary);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByLabel('Who must not read it?').fill(MARY);
      // The key is no longer taken.
      await page.route('**/denials*', (route) =>
        route.continue({ headers: { ...route.request().headers(), 'x-api-key': 'gone' } }),
      );
      await page.getByLabel('Why?').fill('left');
      await page.getByRole('button', { name: 'Check' }).click();
      await signIn(page, guarded.keys.rita);
      await page.locator('header').getByText('rita').waitFor();
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.getByRole('list', { name: 'In short' }).waitFor();
      t.equal(await page.getByText('left').count(), 0);
    },
    { refusals: true },
  );
}
