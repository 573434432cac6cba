import { readFileSync } from 'node:fs';
import type { Bed } from './bed.ts';
import type { Fact } from './fact.ts';
import { conditionFacts } from './facts/conditions.ts';
import { grantFacts } from './facts/grants.ts';
import { keyFacts } from './facts/keys.ts';
import { policyFacts } from './facts/policies.ts';
import { principalFacts } from './facts/principals.ts';

const FACTS: readonly Fact[] = [...policyFacts, ...principalFacts, ...conditionFacts, ...keyFacts, ...grantFacts];

type Result = {
  fact: string;
  status: string;
  expected: string;
  seen: string;
  verdict: 'holds' | 'fails' | 'untried';
};

/** The rows of docs/aws-facts.md, each with how it is tried. @throws Error for a row without one, or one without a row */
export function factsOfTheTable(): { fact: string; status: string; how: Fact }[] {
  const text = readFileSync(new URL('../../docs/aws-facts.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (?!fact \|)(.*) \| .*? ?\| (.*?) \|$/gm)].map(([, fact = '', status = '']) => ({
    fact,
    status,
  }));
  const homeless = FACTS.find(({ row }) => rows.filter(({ fact }) => fact.startsWith(row)).length !== 1);
  if (homeless !== undefined) throw new Error(`Not one row of docs/aws-facts.md begins with: ${homeless.row}`);
  return rows.map((row) => {
    const [how, ...more] = FACTS.filter((fact) => row.fact.startsWith(fact.row));
    if (how === undefined || more.length > 0) throw new Error(`Not tried in one place: ${row.fact}`);
    return { ...row, how };
  });
}

/** Tries one fact after the other; an error of an experiment is what was seen. */
export async function tryFacts(bed: Bed, say: (line: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const { fact, status, how } of factsOfTheTable()) {
    const result = { fact, status, ...(await tryOne(bed, how)) };
    say(`${result.verdict.padEnd(8)}${fact}`);
    results.push(result);
  }
  return results;
}

async function tryOne(bed: Bed, how: Fact): Promise<Pick<Result, 'expected' | 'seen' | 'verdict'>> {
  if ('untried' in how) return { expected: '', seen: how.untried, verdict: 'untried' };
  const { expected, unless } = how;
  const why = unless?.(bed);
  if (why !== undefined) return { expected, seen: why, verdict: 'untried' };
  const seen = await how.try(bed).catch((error: Error) => `${error.name}: ${error.message}`);
  return { expected, seen, verdict: seen === expected ? 'holds' : 'fails' };
}

/** Facts that are tried on no account, as docs/aws-facts.md has them under "Not tried": how each begins, and why. */
export const untriedFacts = (): string[] =>
  FACTS.flatMap((fact) => ('untried' in fact ? [`- ${fact.row}…: ${fact.untried}`] : []));

/** As Markdown: fact, expected, seen. */
export function report(results: readonly Result[], about: string): string {
  const rows = results.map(
    ({ verdict, fact, status, expected, seen }) =>
      `| ${[verdict, fact, status, expected, seen].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
  return `# Facts of AWS, tried\n\n${about}\n\n| | fact | so far | expected | seen |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}
