import t from 'tap';
import { keyedSecret } from './keyed-secret.ts';

t.test('a key leg says as of when: what others changed of the key since is not known', async (t) => {
  const secret = await keyedSecret(t);
  const { aws, call, url, KeyId, later } = secret;
  const look = async (): Promise<{ status: string; asOf: string }> => {
    const { json } = await call('POST', `${url}/access-checks`, { principal: 'arn:aws:iam::111111111111:root' });
    return json.legs.find(({ leg }: { leg: string }) => leg === 'keyPolicy');
  };
  const first = await look();
  t.match(first, { status: 'done', asOf: /^\d{4}-.*Z$/ });
  aws.call('LOCALOWNER', 'us-east-1', 'kms', 'DisableKey', { KeyId });
  t.match(await look(), { status: 'done', asOf: first.asOf }, 'what was so then');
  later(20_000);
  const now = await look();
  t.match(now, { status: 'missing' });
  t.ok(Date.parse(now.asOf) - Date.parse(first.asOf) >= 20_000);
});
