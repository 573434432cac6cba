import { createClient } from './client.ts';

/** Who shares, as a process of its own: told how many times by IPC, one after another. */
const [url = ''] = process.argv.slice(2);
const SECRET = `${url}/v1/secrets/demo%2Fdatabase`;
const client = createClient();
let account = 300_000_000_000;
process.on('message', async ({ count }: { count: number }) => {
  // Of each turn the same policy, with nothing of the turn before.
  if (account > 300_000_000_000) await client.call('DELETE', `${SECRET}/policy`, 200, '', { 'if-match': '*' });
  for (let n = 0; n < count; n += 1) {
    await client.call('POST', `${SECRET}/shares`, 201, JSON.stringify({ principal: String(account++) }));
  }
  process.send?.({});
});
