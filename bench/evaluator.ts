/**
 * What an evaluation costs, ours against iam-simulate's on the same cases: `node bench/evaluator.ts`. Both get plain
 * JSON documents, as the service does: nothing is prepared, and iam-simulate's validation is a part of its price.
 */
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { evaluateAccess } from '../src/policy/evaluate/evaluate.ts';
import { accessCase } from '../test/policy/arbitrary-access.ts';
import { askOracle } from '../test/policy/oracle.ts';

import { printTable, type Row } from './table.ts';

const WARMUP = 10;
const ROUNDS = 40;
const CASES = 200;

export async function benchEvaluator(): Promise<Row[]> {
  // By way of JSON text, as documents come to the service: strings as a generator builds them cost extra at first use.
  const samples = fc.sample(accessCase, { numRuns: CASES * (WARMUP + ROUNDS), seed: 20_260_101 });
  const cases: typeof samples = JSON.parse(JSON.stringify(samples));
  let ours = 0;
  let theirs = 0;
  // Batch by batch in turn, so that whatever else the machine does meets both. The first batches warm both up.
  for (let round = 0; round < WARMUP + ROUNDS; round += 1) {
    const batch = cases.slice(round * CASES, (round + 1) * CASES);
    const start = performance.now();
    for (const one of batch) evaluateAccess(one);
    const between = performance.now();
    for (const one of batch) await askOracle(one);
    const end = performance.now();
    if (round < WARMUP) continue;
    ours += between - start;
    theirs += end - between;
  }
  const each = (total: number) => `${((total * 1000) / (CASES * ROUNDS)).toFixed(1)} us`;
  return [
    {
      measure: 'evaluations, how many times as fast as iam-simulate on the same cases',
      ours: each(ours),
      theirs: each(theirs),
      ratio: theirs / ours,
      bar: 20,
      better: 'more',
    },
  ];
}

if (import.meta.main) printTable(await benchEvaluator());
