import fc from 'fast-check';
import t from 'tap';
import { newBudget } from '../../src/policy/evaluate/budget.ts';
import { type Truth, truth } from '../../src/policy/evaluate/truth.ts';
import { matches, matchesArn } from '../../src/policy/evaluate/wildcards.ts';
import { cpuSince } from '../cpu.ts';
import { cases } from '../runs.ts';

/** What wildcards mean, said as plainly as can be (and slowly). */
function means(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return means(pattern.slice(1), text) || (text !== '' && means(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && means(pattern.slice(1), text.slice(1));
}

const units = (...characters: string[]) => ({ unit: fc.constantFrom(...characters), maxLength: 9 });

t.test('* is any characters, ? is one', async () => {
  fc.assert(
    fc.property(
      fc.string(units('a', 'b', '*', '?')),
      fc.string(units('a', 'b', '*')),
      (pattern, text) => matches({ text: pattern }, text, newBudget()) === truth(means(pattern, text)),
    ),
    cases(10_000, 500_000, 5_000_000),
  );
});

t.test('ARNs match part by part', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
  const parts = fc.array(part, { minLength: 6, maxLength: 6 });
  const values = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(parts, values, (pattern, arn) => {
      const expected = pattern.every((glob, index) => means(glob, arn[index] ?? ''));
      return matchesArn({ text: pattern.join(':') }, arn.join(':'), newBudget()) === truth(expected);
    }),
    cases(10_000, 500_000, 5_000_000),
  );
  t.equal(matchesArn({ text: 'arn:aws:s3:::b' }, 'arn:aws:s3::b', newBudget()), 'unknown', 'five parts are no ARN');
  t.equal(
    matchesArn({ text: '*' }, 'arn:aws:s3:::b', newBudget()),
    'unknown',
    'a pattern of one part is none of an ARN',
  );
});

t.test('hostile patterns take time in proportion to pattern and text, not more', async (t) => {
  const text = 'a'.repeat(2_048);
  const hostile = [
    `${'*a'.repeat(1_000)}b`,
    `*${'a'.repeat(1_000)}b`,
    `${'*?'.repeat(1_000)}b`,
    `${'*'.repeat(20_000)}b`,
    `${'a*'.repeat(1_000)}b*`,
  ];
  for (const pattern of hostile) {
    const begun = process.threadCpuUsage();
    t.equal(matches({ text: pattern }, text, newBudget()), 'no', `${pattern.slice(0, 4)}… does not match`);
    const time = cpuSince(begun);
    t.ok(time < 250, `${pattern.slice(0, 4)}… took ${time.toFixed(1)} ms`);
  }
});

t.test('a set of texts matches, does not, or in part: as its texts do', async () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 });
  const texts = ['', 'a', 'b'].concat(...[2, 3, 4, 5, 6, 7].map((length) => words(length)));
  const counted: Record<Truth, number> = { yes: 0, no: 0, unknown: 0 };
  fc.assert(
    fc.property(
      glob,
      fc.array(glob, { minLength: 1, maxLength: 2 }),
      fc.array(glob, { maxLength: 1 }),
      (pattern, globs, except) => {
        const result = matches({ text: pattern }, { globs, except }, newBudget());
        counted[result] += 1;
        const set = texts.filter(
          (text) => globs.some((one) => means(one, text)) && !except.some((one) => means(one, text)),
        );
        const found = new Set(set.map((text) => means(pattern, text)));
        return result === 'unknown' || !found.has(result === 'no');
      },
    ),
    cases(5_000, 100_000, 1_000_000),
  );
  for (const [result, count] of Object.entries(counted)) t.ok(count > 100, `${result}: ${count} times`);
});

const words = (length: number): string[] =>
  Array.from({ length: 2 ** length }, (_, bits) =>
    Array.from({ length }, (_, index) => ((bits >> index) & 1 ? 'a' : 'b')).join(''),
  );

t.test('of two globs that share a text, or of which one holds the other, is told so', async (t) => {
  const relation = (pattern: string, ...globs: string[]) => matches({ text: pattern }, { globs }, newBudget());
  t.equal(relation('arn:*:role/*', 'arn:aws:iam::1:role/*'), 'yes');
  t.equal(relation('arn:aws:iam::1:role/*', 'arn:aws:iam::2:*'), 'no');
  t.equal(relation('*x*y', 'a*b*y', 'c*x?y'), 'unknown');
  t.equal(relation('a*b', 'c*', '*c'), 'no');
});

t.test('patterns that take too long are unknown', async (t) => {
  const pattern = { text: `*${'a'.repeat(10_000)}b` };
  const text = 'a'.repeat(100_000);
  const begun = process.threadCpuUsage();
  t.equal(matches(pattern, text, newBudget()), 'unknown');
  t.equal(matches(pattern, { globs: [`${'a*'.repeat(10_000)}b`] }, newBudget()), 'unknown');
  t.ok(cpuSince(begun) < 1_000);
});
