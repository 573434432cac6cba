import type { Page, Route } from 'playwright-core';
import { APP_ROLE } from '../helper.ts';

/** A page of the console, `play`ed until it shows what it is about. `width`: seen at this one only. */
export type Scene = { path: string; play?: (page: Page) => Promise<void>; width?: number };

const NARROW = 390;
const DATABASE = `/console/secrets/${encodeURIComponent('demo/database')}`;
const API_KEY = `/console/secrets/${encodeURIComponent('demo/api-key')}`;
const UNKNOWN = { status: 401, title: 'Not authenticated', detail: 'Who you are is not known: sign in.' };

/** Every page, dialog and face of the console, in the world of buildConsole. */
export const scenesOf = (ids: { approval: string; incident: string; operation: string; change: string }) =>
  ({
    home: { path: '/console' },
    menu: { path: '/console', play: dialog('Menu'), width: NARROW },
    secrets: { path: '/console/secrets' },
    'secrets-filter': { path: '/console/secrets', play: dialog(/^Filter/), width: NARROW },
    'secrets-none': { path: '/console/secrets?text=nothing-like-it' },
    secret: { path: DATABASE },
    'secret-open': { path: DATABASE, play: opened('button.who', 'tr.detail') },
    'secret-many': { path: API_KEY },
    timeline: { path: `${DATABASE}/timeline` },
    'timeline-difference': { path: `${DATABASE}/timeline`, play: opened(button('Difference'), '.before-after') },
    document: { path: `${DATABASE}/document` },
    share: { path: DATABASE, play: dialog('Share') },
    'share-checked': {
      path: DATABASE,
      play: checked('Share', (page) => page.getByLabel('Who may read it?').fill('444444444444')),
    },
    'share-refused': {
      path: DATABASE,
      async play(page) {
        await dialog('Share')(page);
        await page.getByLabel('Who may read it?').fill('Mary');
        await page.getByLabel('Why?').fill('The orders service');
        await page.getByRole('button', { name: 'Check' }).click();
        await page.locator('.wrong').first().waitFor();
      },
    },
    deny: { path: DATABASE, play: dialog('Deny') },
    'deny-checked': {
      path: DATABASE,
      play: checked('Deny', (page) => page.getByLabel('Who must not read it?').fill('123456789999')),
    },
    revoke: { path: DATABASE, play: dialog(/^Revoke:/) },
    restrict: { path: DATABASE, play: dialog('Restrict') },
    'restrict-checked': {
      path: DATABASE,
      play: checked('Restrict', (page) => page.getByLabel('Which organization?').fill('o-local00001')),
    },
    'go-back': { path: `${DATABASE}/timeline`, play: dialog('Go back to before this') },
    'put-back': { path: API_KEY, play: dialog('Put back') },
    principal: { path: `/console/principals/${encodeURIComponent(APP_ROLE)}` },
    principals: { path: '/console/principals' },
    inbox: { path: '/console/inbox' },
    'inbox-mine': { path: '/console/inbox?box=mine' },
    approval: { path: `/console/inbox/${ids.approval}?box=mine` },
    'approval-decide': { path: `/console/inbox/${ids.approval}`, play: asApprover },
    request: { path: '/console/request' },
    incidents: { path: '/console/incidents' },
    incident: { path: `/console/incidents/${ids.incident}` },
    'new-incident': { path: '/console/incidents/new?do=freeze' },
    'incident-checked': {
      path: '/console/incidents/new?do=evict',
      async play(page) {
        await page.getByLabel('Whom?').fill('222222222222');
        await page.getByLabel('Why?').fill('The account is lost');
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByText('Nothing has changed yet').waitFor();
      },
    },
    lift: { path: `/console/incidents/${ids.incident}`, play: dialog('Lift') },
    estate: { path: '/console/estate' },
    operations: { path: '/console/operations' },
    operation: { path: `/console/operations/${ids.operation}` },
    'new-operation': { path: '/console/operations/new' },
    'revoke-many': { path: '/console/operations/new', play: (page) => page.getByLabel('Revoke').check() },
    pasted: {
      path: '/console/operations/new',
      async play(page) {
        await page.getByLabel('Paste lines').check();
        await page.getByLabel('Lines', { exact: true }).fill('demo/database, 222222222222\ndemo/database');
      },
    },
    findings: { path: '/console/findings' },
    finding: { path: '/console/findings?kind=outside-reader', play: opened('tbody button.quiet', 'tr.detail') },
    acknowledge: {
      path: '/console/findings?kind=outside-reader',
      async play(page) {
        await page.locator('tbody button.quiet').first().click();
        await dialog('Acknowledge')(page);
      },
    },
    prune: {
      path: '/console/findings?kind=orphan',
      async play(page) {
        await page.locator('tbody button.quiet').first().click();
        await dialog('Mend')(page);
      },
    },
    audit: { path: '/console/audit' },
    change: { path: `/console/audit/${ids.change}`, play: opened(button('Difference'), '.before-after') },
    'chain-whole': {
      path: '/console/audit?since=1d&action=freeze',
      async play(page) {
        await page.getByRole('button', { name: 'Is the chain whole?' }).click();
        await page.getByText('The chain is whole').waitFor();
      },
    },
    keys: { path: '/console/audit', play: async (page) => page.keyboard.press('?') },
    nowhere: { path: '/console/nowhere' },
    missing: { path: '/console/secrets/demo%2Fnothing' },
    gone: { path: '/console/findings', play: answered('**/v1/findings*', (route) => route.abort()) },
    'sign-in': {
      path: '/console',
      play: answered('**/v1/me', (route) => route.fulfill({ status: 401, json: UNKNOWN })),
    },
  }) satisfies Record<string, Scene> as Record<string, Scene>;

function button(name: string) {
  return `button:text-is("${name}")`;
}

/** Its dialog, opened by the first button of this name. */
function dialog(name: string | RegExp) {
  return async (page: Page) => {
    const opener = page.getByRole('button', { name, exact: true });
    await opener.first().click();
    await page.getByRole('dialog').waitFor();
  };
}

function checked(name: string, fill: (page: Page) => Promise<void>) {
  return async (page: Page) => {
    await dialog(name)(page);
    await fill(page);
    await page.getByLabel('Why?').fill('The orders service');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
  };
}

function opened(selector: string, shown: string) {
  return async (page: Page) => {
    await page.locator(selector).first().click();
    await page.locator(shown).first().waitFor();
  };
}

/** The page as it is where a call is answered so. */
function answered(path: string, answer: (route: Route) => Promise<void>) {
  return async (page: Page) => {
    await page.route(path, answer);
    await page.reload();
    await page.getByRole('alert').first().waitFor();
    await page.unroute(path);
  };
}

/** What somebody else sees of it, of the group that decides. */
async function asApprover(page: Page) {
  await page.route('**/v1/me', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), subject: 'boss', groups: ['payments'] } });
  });
  await page.reload();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await page.unroute('**/v1/me');
}
