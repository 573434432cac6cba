import t from 'tap';
import { buildWithCallers } from '../callers.ts';

const { app } = await buildWithCallers(t, { carol: {} });

t.test('the pages are for everybody, hold no data, and run nothing but files of ours', async (t) => {
  const [known, unknown] = await Promise.all(
    ['/access/demo%2Fdatabase', '/access/demo%2Fnothing'].map((url) => app.inject({ url })),
  );
  t.equal(known?.statusCode, 200);
  t.equal(known?.body, unknown?.body, 'the same page whatever the secret, there or not');
  for (const { headers, body } of [known, await app.inject({ url: '/access?name=demo' })].flatMap((one) => one ?? [])) {
    const csp = String(headers['content-security-policy']);
    t.match(csp, /^default-src 'none';/);
    t.match(csp, "script-src 'self';style-src 'self'");
    t.notMatch(csp, /unsafe|data:/);
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    t.notMatch(body, /<script>|<style|style=|\son\w+=/, 'nothing inline');
    for (const [, url] of body.matchAll(/(?:src|href)="(\/access-files\/[^"]+)"/g)) {
      t.equal((await app.inject({ url: String(url) })).statusCode, 200, String(url));
    }
  }
});

t.test('what they link to by script is there, and nothing else is', async (t) => {
  for (const name of ['list.js', 'secret.js']) {
    const { body, headers } = await app.inject({ url: `/access-files/${name}` });
    t.match(headers['content-type'], 'text/javascript');
    for (const [, url] of body.matchAll(/from '\.\/([\w-]+\.js)'/g)) {
      t.equal((await app.inject({ url: `/access-files/${url}` })).statusCode, 200, String(url));
    }
  }
  for (const name of ['index.ts', '..%2Findex.ts', '%2e%2e%2findex.ts', 'page.html', '__proto__']) {
    const { statusCode, headers } = await app.inject({ url: `/access-files/${name}` });
    t.equal(statusCode, 404, name);
    t.match(headers['content-type'], 'application/problem+json');
  }
});
