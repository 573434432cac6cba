import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Every exported name is imported somewhere: what is used in its own file alone is not exported, and what nobody uses goes. */

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.js'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.d.ts') && !file.startsWith('test/types/'));
const texts = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const LISTS = [
  /(?:import|export)(?: type)?(?: \w+,)? \{([^}]*)\}/g,
  /@import \{([^}]*)\}/g,
  /\{([^{}]*)\} = await import\(/g,
  /import\([^)]*\)\.then\(\(\{([^}]*)\}/g,
];
const MEMBER = /import\([^)]*\)\)?\.(\w+)/g;
const EXPORT = /^export (?:async )?(?:const|function\*?|class|type|interface) (\w+)/gm;

const imported = new Set(
  texts.flatMap(({ text }) => [
    ...LISTS.flatMap((list) => [...text.matchAll(list)])
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.trim().replace(/^type |(?: as |:).*/gs, '')),
    ...[...text.matchAll(MEMBER)].map(([, name]) => name),
  ]),
);
const dead = texts.flatMap(({ file, text }) =>
  [...text.matchAll(EXPORT)].filter(([, name]) => !imported.has(name)).map(([, name]) => `${file}: ${name}`),
);
if (dead.length > 0) {
  console.error(`Exported, and imported nowhere:\n  ${dead.join('\n  ')}`);
  process.exitCode = 1;
}
