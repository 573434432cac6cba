import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import t from 'tap';
import { build, MARY } from '../helper.ts';

/** Every command and every JSON of the README and the guide, as a reader would paste them, in their order. */
const run = promisify(execFile);
const files = ['README.md', 'docs/guide.md'];
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);
const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Set-up is what whoever runs this has done already. */
const isSetUp = (block: string) => /^npm ci && npm (start|test)\n$/.test(block);

for (const file of files) {
  t.test(`the commands of ${file} do what it says`, async (t) => {
    const { app } = await build(t);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const commands = blocks(read(file), 'sh').filter((block) => !isSetUp(block));
    t.ok(commands.length > 1, 'there are some');
    for (const command of commands) {
      const { stdout } = await run('bash', [
        '-euo',
        'pipefail',
        '-c',
        command.replaceAll('http://127.0.0.1:3000', url),
      ]);
      const answer = JSON.parse(stdout);
      t.notOk(answer.code, `${command.slice(0, 120)} … ${answer.detail ?? ''}`);
      t.notOk(
        answer.warnings?.some(({ code }: { code: string }) => code === 'key-grant-failed'),
        'nothing half done',
      );
    }
  });
}

t.test('“Take it back” takes Mary’s denial back, and no other', async (t) => {
  const { app, call } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const denied = async (): Promise<string[]> => {
    const { items } = (await call('GET', '/v1/secrets/demo%2Fdatabase/denials')).json;
    return items.map(({ principal }: { principal: string }) => principal).sort();
  };
  const sections = read('docs/guide.md').split(/^## /m);
  const follow = async (title: string) => {
    const section = sections.find((one) => one.startsWith(title)) ?? '';
    for (const command of blocks(section, 'sh')) {
      await run('bash', ['-euo', 'pipefail', '-c', command.replaceAll('http://127.0.0.1:3000', url)]);
    }
  };
  await follow('Make sure that somebody can never read it');
  const contractor = 'arn:aws:iam::123456789999:role/contractor';
  t.strictSame(await denied(), [contractor, MARY]);
  await follow('Take it back');
  t.strictSame(await denied(), [contractor]);
});

t.test('the README’s first share is taken back right after, and its statements are those that it makes', async (t) => {
  const { app, call } = await build(t);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const document = async () => (await call('GET', '/v1/secrets/demo%2Fdatabase/policy')).json.policy;
  const before = await document();
  const text = read('README.md');
  const [share, deny] = blocks(text, 'json').map((block) => JSON.parse(block));
  const after = [];
  for (const command of blocks(text, 'sh').filter((block) => block.includes('curl'))) {
    await run('bash', ['-c', command.replaceAll('http://127.0.0.1:3000', url)]);
    after.push(await document());
  }
  t.strictSame(after, [
    { Version: '2012-10-17', Statement: [share] },
    before,
    { Version: '2012-10-17', Statement: [deny] },
  ]);
});
