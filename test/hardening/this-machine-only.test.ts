import { request } from 'node:http';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';
import { build, MARY } from '../helper.ts';

/** What a page of a foreign site can have a browser of this machine send. */

type Headers = Record<string, string>;

async function sendTo(port: number, headers: Headers, method = 'POST'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const path = '/v1/secrets/demo%2Fdatabase/shares?dryRun=true';
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: { ...headers, 'content-type': 'application/json' },
  });
  sent.on('error', reject).on('response', (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  sent.end(method === 'POST' ? JSON.stringify({ principal: MARY }) : undefined);
  return promise;
}

const portOf = (url: string) => Number(new URL(url).port);

t.test('without authentication only this machine, and no foreign page, is let in', async (t) => {
  const { app } = await build(t);
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }));
  const own = `127.0.0.1:${port}`;
  const taken: Headers[] = [
    { host: own },
    { host: `localhost:${port}` },
    { host: `LOCALHOST:${port}` },
    { host: `[::1]:${port}` },
    { host: 'localhost' },
    { host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' },
    { host: own, 'sec-fetch-site': 'none' },
  ];
  const refused: Headers[] = [
    { host: 'evil.test' },
    { host: `evil.test:${port}` },
    { host: `127.0.0.1.evil.test:${port}` },
    { host: `localhost.evil.test:${port}` },
    { host: `127.0.0.1@evil.test` },
    { host: 'evil.test:80', origin: 'http://evil.test:80', 'sec-fetch-site': 'same-origin' },
    { host: own, origin: 'http://evil.test' },
    { host: own, origin: 'null' },
    { host: own, origin: `http://localhost:${port}` },
    { host: own, origin: `https://${own}` },
    { host: own, origin: 'http://127.0.0.1:1' },
    { host: own, 'sec-fetch-site': 'cross-site' },
    { host: own, 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of taken) t.equal(await sendTo(port, headers), 200, JSON.stringify(headers));
  for (const headers of refused) {
    t.equal(await sendTo(port, headers), 401, JSON.stringify(headers));
    t.equal(await sendTo(port, headers, 'GET'), 401, `GET ${JSON.stringify(headers)}`);
  }
});

t.test('with authentication the name does not matter', async (t) => {
  const { app, keys } = await buildWithCallers(t, { ann: { groups: ['payments'] } });
  const port = portOf(await app.listen({ host: '127.0.0.1', port: 0 }));
  const headers = { host: 'secrets.example.com', origin: 'https://secrets.example.com', 'x-api-key': keys.ann };
  t.equal(await sendTo(port, headers), 200);
});
