import fc, { type IProperty } from 'fast-check';
import t from 'tap';
import { cases } from '../runs.ts';

/**
 * A test that a property holds: in `short` cases in `npm test`, in many more in `npm run test:long`. The property's own
 * assertions are node:assert's: they throw, so that fast-check shrinks the counterexample and prints it with the seed.
 */
export function holds<Case>(rule: string, property: IProperty<Case>, short = 100): void {
  const parameters = cases(short, 12 * short, 300 * short);
  t.test(rule, async (t) => {
    fc.assert(property, parameters);
    t.pass(`in ${parameters.numRuns} cases`);
  });
}
