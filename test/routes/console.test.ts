import { createHash } from 'node:crypto';
import t from 'tap';
import { buildWithCallers } from '../callers.ts';

const { app } = await buildWithCallers(t, { carol: {} });
const get = (url: string) => app.inject({ url });
const { body: html, headers } = await get('/console');
const [, base = ''] = /src="(\/console-files\/[0-9a-f]{16}\/)main\.js"/.exec(html) ?? [];
const [, importMap = ''] = /<script type="importmap">(.*?)<\/script>/.exec(html) ?? [];
const { imports } = JSON.parse(importMap) as { imports: Record<string, string> };

/** Types are imported in comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '');
}

t.test('the console is one page for everybody, which holds no data', async (t) => {
  for (const path of ['/console/', '/console/secrets/demo%2Fdatabase', '/console/no/such?any=thing&any=more']) {
    const answer = await get(path);
    t.equal(answer.statusCode, 200, path);
    t.equal(answer.body, html, path);
  }
  t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
});

t.test('nothing runs but files of ours and the import map, by its hash', async (t) => {
  const csp = String(headers['content-security-policy']);
  t.match(csp, /^default-src 'none';/);
  const hash = createHash('sha256').update(importMap).digest('base64');
  t.match(csp, `script-src 'self' 'sha256-${hash}';style-src 'self';img-src 'self';connect-src 'self'`);
  t.notMatch(csp, /unsafe|data:|blob:/);
  t.notMatch(html, /<style|style=|\son\w+=/, 'nothing else inline');
  t.equal([...html.matchAll(/<script(?![^>]*src=)/g)].length, 1);
});

t.test('what the page and its modules name is there, to be kept for ever', async (t) => {
  const named = [...html.matchAll(/(?:src|href)="(\/console-files\/[^"]+)"/g)].map(([, url = '']) => url);
  const seen = new Set<string>();
  const follow = async (url: string): Promise<void> => {
    if (seen.has(url)) return;
    seen.add(url);
    const { statusCode, headers, body } = await get(url);
    t.equal(statusCode, 200, url);
    t.match(headers, { 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' });
    if (!url.endsWith('.js')) return;
    t.match(headers['content-type'], /^(?:text|application)\/javascript/, url);
    for (const [, from = ''] of withoutComments(body).matchAll(/(?:from ?|import\()["']([\w@./-]+)["']/g)) {
      await follow(from.startsWith('.') ? new URL(from, `http://x${url}`).pathname : String(imports[from]));
    }
  };
  for (const url of named) await follow(url);
  t.ok(seen.size > 30, `${seen.size} files`);
});

t.test('of another release there is nothing: modules of two do not mix', async (t) => {
  const { statusCode, headers } = await get('/console-files/0000000000000000/main.js');
  t.equal(statusCode, 404);
  t.equal(headers['cache-control'], 'no-store');
});

t.test('no other file is served', async (t) => {
  const others = [
    'index.html',
    'tsconfig.json',
    '../app.ts',
    '..%2Fapp.ts',
    '%2e%2e%2fapp.ts',
    '__proto__',
    'vendor/',
    '',
  ];
  for (const name of others) {
    const { statusCode, headers } = await get(`${base}${name}`);
    t.equal(statusCode, 404, name);
    t.match(headers['content-type'], 'application/problem+json', name);
  }
});

t.test('the addresses of before lead there', async (t) => {
  for (const [before, now] of [
    ['/access', '/console/secrets'],
    ['/access?name=demo%2F', '/console/secrets?text=demo%2F'],
    ['/access/demo%2Fdatabase', '/console/secrets/demo%2Fdatabase'],
  ]) {
    const { statusCode, headers } = await get(String(before));
    t.match({ statusCode, location: headers.location }, { statusCode: 308, location: now });
  }
});
