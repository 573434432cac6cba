import { readFileSync } from 'node:fs';
import t from 'tap';
import { factsOfTheTable, untriedFacts } from '../../scripts/verify-aws/run.ts';

t.test('the page of facts names those that verify:aws does not try, and why', async (t) => {
  const page = readFileSync(new URL('../../docs/aws-facts.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## Not tried\n');
  t.strictSame(section.match(/^- .*$/gm), untriedFacts());
});

t.test('each fact of the page is tried in one place, or said not to be', async (t) => {
  t.doesNotThrow(factsOfTheTable);
});
