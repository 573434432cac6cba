import fc, { type IProperty } from 'fast-check';
import t from 'tap';

/**
 * A test that a property holds. The property's own assertions are node:assert's: they throw, so that fast-check shrinks
 * the counterexample and prints the seed that repeats the run.
 */
export function holds<Case>(rule: string, property: IProperty<Case>, numRuns = 300): void {
  t.test(rule, async (t) => {
    fc.assert(property, { numRuns });
    t.pass(`in ${numRuns} cases`);
  });
}
