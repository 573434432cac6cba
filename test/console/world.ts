import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Page, Route } from 'playwright-core';
import { seedEstate } from '../../src/local-aws/seed-estate.ts';
import type { Ending } from '../ending.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { until } from '../wait.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
const ESTATE = { ESTATE_ACCOUNTS: '111111111111,333333333333,444444444444', ESTATE_REGIONS: 'us-east-1,eu-west-1' };

const UNKNOWN = { status: 401, title: 'Not authenticated', detail: 'Who you are is not known: sign in.' };

/** The page as it is where a call is answered so. */
const answered = (path: string, answer: (route: Route) => Promise<void>) => async (page: Page) => {
  await page.route(path, answer);
  await page.reload();
  await page.getByRole('alert').first().waitFor();
  await page.unroute(path);
};

type Scene = { path: string; play?: (page: Page) => Promise<void> };

/** Pages whose stream of events ends at once: a browser with one that goes on is never idle. */
export const endStreams = (page: Page): Promise<unknown> =>
  page.route('**/v1/approvals/events', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'event: open\ndata: {}\n\n' }),
  );

/** The service with an estate that has something of everything to see, and the pages of the console that show it. */
export async function buildConsole(t: Ending) {
  const built = await build(t, { env: ESTATE });
  const { call, aws } = built;
  seedEstate(aws);
  await call('POST', `${DATABASE}/shares`, { principal: MARY, reason: 'monthly report', ticket: 'OPS-1234' });
  await call('POST', `${DATABASE}/shares`, { principal: '222222222222', expiresIn: '30d', reason: 'migration' });
  await call('POST', `${DATABASE}/shares`, { principal: APP_ROLE, sourceVpcEndpoints: ['vpce-0123456789abcdef0'] });
  await call('POST', `${DATABASE}/denials`, { principal: APP_ROLE, match: 'arn', reason: 'left the team' });
  await call('POST', `${DATABASE}/restrictions`, { boundary: { organization: 'o-local00001' }, reason: 'ours only' });
  await putPolicy(aws.url, 'demo/api-key', [
    ...Array.from({ length: 60 }, (_, index) => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${String(500_000_000_000 + index)}:root` },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    })),
  ]);
  const { json: survey } = await call('POST', '/v1/estate/surveys', {});
  await until(async () => (await call('GET', `/v1/operations/${survey.id}`)).json.finishedAt !== null);
  const { json: bulk } = await call('POST', '/v1/bulk/shares', {
    secretIds: ['demo/database', 'demo/api-key', 'demo/default-key'],
    principals: ['222222222222', MARY],
    reason: 'Migration',
  });
  await until(async () => (await call('GET', `/v1/operations/${bulk.id}`)).json.finishedAt !== null);
  const { json: asked } = await call('POST', '/v1/access-requests', {
    ...{ secretId: 'demo/database', principal: APP_ROLE, expiresIn: '30d', reason: 'The nightly job reads it' },
  });
  const { json: incident } = await call('POST', '/v1/incidents', {
    ...{ freeze: { secretIds: ['demo/default-key'] }, except: [APP_ROLE], reason: 'Leaked in a log', ticket: 'SEC-9' },
  });
  await until(async () => (await call('GET', `/v1/incidents/${incident.id}`)).json.status === 'standing');
  const database = `/console/secrets/${encodeURIComponent('demo/database')}`;
  const dialog = (button: string) => async (page: Page) => {
    await page.getByRole('button', { name: button, exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
  };
  const pages: Record<string, Scene> = {
    home: { path: '/console' },
    secrets: { path: '/console/secrets' },
    secret: { path: database },
    'secret-open': {
      path: database,
      async play(page) {
        await page.locator('button.who').first().click();
        await page.locator('tr.detail').waitFor();
      },
    },
    'secret-many': { path: '/console/secrets/demo%2Fapi-key' },
    timeline: { path: `${database}/timeline` },
    document: { path: `${database}/document` },
    share: { path: database, play: dialog('Share') },
    'share-checked': {
      path: database,
      async play(page) {
        await dialog('Share')(page);
        await page.getByLabel('Who may read it?').fill('444444444444');
        await page.getByLabel('Why?').fill('The orders service');
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByText('Nothing has changed yet').waitFor();
      },
    },
    deny: { path: database, play: dialog('Deny') },
    revoke: {
      path: database,
      async play(page) {
        await page
          .getByRole('button', { name: /^Revoke/ })
          .first()
          .click();
        await page.getByRole('dialog').waitFor();
      },
    },
    restrict: { path: database, play: dialog('Restrict') },
    principal: { path: `/console/principals/${encodeURIComponent(APP_ROLE)}` },
    principals: { path: '/console/principals' },
    inbox: { path: '/console/inbox' },
    'inbox-mine': { path: '/console/inbox?box=mine' },
    approval: { path: `/console/inbox/${asked.approvalId}?box=mine` },
    request: { path: '/console/request' },
    incidents: { path: '/console/incidents' },
    incident: { path: `/console/incidents/${incident.id}` },
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
    lift: { path: `/console/incidents/${incident.id}`, play: dialog('Lift') },
    estate: { path: '/console/estate' },
    operations: { path: '/console/operations' },
    operation: { path: `/console/operations/${bulk.id}` },
    'new-operation': { path: '/console/operations/new' },
    findings: { path: '/console/findings' },
    audit: { path: '/console/audit' },
    keys: { path: '/console/audit', play: async (page) => page.keyboard.press('?') },
    missing: { path: '/console/secrets/demo%2Fnothing' },
    gone: { path: '/console/findings', play: answered('**/v1/findings*', (route) => route.abort()) },
    'sign-in': {
      path: '/console',
      play: answered('**/v1/me', (route) => route.fulfill({ status: 401, json: UNKNOWN })),
    },
  };
  return { ...built, pages };
}

async function putPolicy(endpoint: string, SecretId: string, Statement: object[]) {
  const credentials = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' };
  const owner = new SecretsManagerClient({ region: 'us-east-1', endpoint, credentials });
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  owner.destroy();
}
