import { PutResourcePolicyCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Page } from 'playwright-core';
import { seedEstate } from '../../src/local-aws/seed-estate.ts';
import type { Ending } from '../ending.ts';
import { APP_ROLE, build, MARY } from '../helper.ts';
import { until } from '../wait.ts';
import { scenesOf } from './scenes.ts';

const DATABASE = '/v1/secrets/demo%2Fdatabase';
/** A user that is deleted after a policy has named it. */
const GONE = 'arn:aws:iam::222222222222:user/Gone';
const ESTATE = { ESTATE_ACCOUNTS: '111111111111,333333333333,444444444444', ESTATE_REGIONS: 'us-east-1,eu-west-1' };

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
  await call('POST', '/v1/secrets/demo%2Fapi-key/denials', { principal: MARY, reason: 'Others drop it' });
  aws.directory.createUser({ arn: GONE, policies: [] });
  const accounts = Array.from({ length: 60 }, (_, index) => `arn:aws:iam::${String(500_000_000_000 + index)}:root`);
  await putPolicy(aws.url, 'demo/api-key', accounts.map(lets));
  await putPolicy(aws.url, 'demo/report', [GONE, 'arn:aws:iam::123456789999:root'].map(lets), 'eu-west-1');
  aws.directory.deletePrincipal(GONE);
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
  const { json: changes } = await call('GET', '/v1/audit-events?view=changes&action=restrict');
  const ids = { approval: asked.approvalId, incident: incident.id, operation: bulk.id };
  return { ...built, pages: scenesOf({ ...ids, change: changes.items[0].changeId }) };
}

const lets = (AWS: string) => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
});

async function putPolicy(endpoint: string, SecretId: string, Statement: object[], region = 'us-east-1') {
  const credentials = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' };
  const owner = new SecretsManagerClient({ region, endpoint, credentials });
  const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
  owner.destroy();
}
