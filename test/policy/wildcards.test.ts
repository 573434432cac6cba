import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import t from 'tap';
import { matchesArn, matchesPattern } from '../../src/policy/evaluate/wildcards.ts';

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
      (pattern, text) => matchesPattern({ text: pattern }, text) === means(pattern, text),
    ),
    { seed: 1, numRuns: 20_000 },
  );
});

t.test('ARNs match part by part', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
  const parts = fc.array(part, { minLength: 6, maxLength: 6 });
  const values = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(parts, values, (pattern, arn) => {
      const expected = pattern.every((glob, index) => means(glob, arn[index] ?? ''));
      return matchesArn({ text: pattern.join(':') }, arn.join(':')) === expected;
    }),
    { seed: 2, numRuns: 20_000 },
  );
  t.equal(matchesArn({ text: 'arn:aws:s3:::b' }, 'arn:aws:s3::b'), undefined, 'five parts are no ARN');
  t.equal(matchesArn({ text: '*' }, 'arn:aws:s3:::b'), undefined, 'a pattern of one part is none of an ARN');
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
    const start = performance.now();
    t.notOk(matchesPattern({ text: pattern }, text), `${pattern.slice(0, 4)}… does not match`);
    const time = performance.now() - start;
    t.ok(time < 250, `${pattern.slice(0, 4)}… took ${time.toFixed(1)} ms`);
  }
});
