import { SecretsManagerClient, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { APP_ROLE, MARY } from '../helper.ts';

const SECRET = '/v1/secrets/demo%2Fdatabase';

t.test('a change is judged by the tags of that moment, whatever the secret was like a moment before', async (t) => {
  const { as, aws } = await buildWithCallers(t, { pam: { groups: ['payments'] }, paul: { groups: ['platform'] } });
  const owner = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => owner.destroy());
  const giveTo = (team: string) =>
    owner.send(new TagResourceCommand({ SecretId: 'demo/database', Tags: [{ Key: 'team', Value: team }] }));
  const share = (who: 'pam' | 'paul', principal: string, query = '') =>
    as(who).post(`${SECRET}/shares${query}`, { principal });
  const refused = { status: 403, json: { code: 'forbidden', policies: ['teams-own-their-secrets'] } };

  t.equal((await share('pam', MARY)).status, 201);
  t.match(await share('paul', APP_ROLE), refused);
  await giveTo('platform');
  t.match(await share('pam', APP_ROLE, '?dryRun=true'), refused, 'a dry run too');
  t.match(await share('pam', APP_ROLE), refused, 'asked for the first time');
  t.match(await share('pam', MARY), refused, 'and what was allowed before');
  t.equal((await share('paul', APP_ROLE)).status, 201, 'and what was refused before');
});
