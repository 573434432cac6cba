import { asArray, type ConditionBlock } from '../document.ts';
import { type Budget, isSpent, spend } from './budget.ts';
import { type Operator, operatorOf } from './condition-operators.ts';
import { TOO_MUCH_WORK } from './evaluation.ts';
import { ABSENT, isClock, type KeyState, type RequestContext, UNKNOWN, unknownAmong } from './request-context.ts';
import type { Value } from './text-set.ts';
import { all, any, not, type Truth, truth } from './truth.ts';
import { expand, variablesIn } from './variables.ts';

/** Whether a condition block holds, and, where that is unknown, the keys (in the policy's spelling) it depends on. */
type ConditionResult = { holds: Truth; dependsOn: string[] };

/**
 * Judges a Condition element: every operator and every key of it must hold.
 * Source: IAM User Guide, "Conditions with multiple context keys or values".
 *
 * @param variables whether the document's version knows policy variables (2012-10-17)
 */
export function evaluateConditions(
  block: ConditionBlock | undefined,
  context: RequestContext,
  variables: boolean,
  budget: Budget,
): ConditionResult {
  const dependsOn = new Set<string>();
  for (const [operator, keys] of Object.entries(block ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) {
      const values = asArray(wanted).map(String);
      const holds = evaluateCondition(operator, key, values, { context, variables, budget });
      if (holds === 'no') return { holds, dependsOn: [] };
      if (holds === 'unknown') {
        const names = isSpent(budget) ? [TOO_MUCH_WORK] : unknownKeys(key, values, context);
        for (const name of names) dependsOn.add(name);
      }
    }
  }
  return { holds: dependsOn.size === 0 ? 'yes' : 'unknown', dependsOn: [...dependsOn] };
}

/** Keys that are named of one test: as many as anybody would go and find out about. */
const MOST_KEYS = 64;

/** The keys that were not given, or the first of them; the condition's own where all were, and it is the policy that can't be read. */
function unknownKeys(key: string, values: readonly string[], context: RequestContext): string[] {
  const unknown = unknownAmong([key, ...values.flatMap(variablesIn)], context);
  return unknown.length === 0 ? [key] : unknown.slice(0, MOST_KEYS);
}

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/;

type Judging = { context: RequestContext; variables: boolean; budget: Budget };

function evaluateCondition(text: string, key: string, wanted: readonly string[], judging: Judging): Truth {
  if (!spend(judging.budget, wanted.length * STEPS_OF_VALUE)) return 'unknown';
  const state = isClock(key) && OF_TEXTS.test(text) ? UNKNOWN : judging.context(key);
  const holds = (of: KeyState): Truth => (text === 'Null' ? isNull(of, wanted) : holdsOf(of, text, wanted, judging));
  const present = holds(state);
  return state.maybeAbsent !== true || present === holds(ABSENT) ? present : 'unknown';
}

const OF_TEXTS = /^(For\w+:)?(String|Arn)/;

function holdsOf(
  state: KeyState,
  text: string,
  wanted: readonly string[],
  { context, variables, budget }: Judging,
): Truth {
  const [, set, name = '', ifExists] = OPERATOR.exec(text) ?? [];
  const operator = operatorOf(name);
  if (operator === undefined) return 'unknown';
  if (state.is === 'unknown') {
    const isSaid = set === undefined && ifExists === undefined && !operator.negated && operator.takes !== 'text';
    return isSaid && variables && areNull(wanted, context, budget) ? 'no' : 'unknown';
  }

  // Set operators take empty values for none (IAM User Guide, "Set operators for multivalued context keys").
  const empty = state.is === 'absent' || (set !== undefined && state.values.every((value) => value === ''));
  if (empty && set === 'ForAllValues') return 'yes';
  // Two rules of the guide meet here: without the key ForAnyValue does not hold, and IfExists does.
  if (empty && set === 'ForAnyValue') return ifExists === undefined ? 'no' : 'unknown';
  if (empty) return truth(operator.negated || ifExists !== undefined);
  // "Multivalued context keys require a condition set operator"; what AWS makes of one without is not documented.
  if (set === undefined && state.multivalued) return 'unknown';

  const tests = wanted.map((policyText) => testOf(operator, policyText, { context, variables, budget }));
  const results = state.values.map((value) => {
    if (!spend(budget, tests.length * STEPS_OF_TEST)) return 'unknown';
    const matches = ofAll(value, (one) => any(tests.map((test) => test(one))));
    return operator.negated ? not(matches) : matches;
  });
  return set === 'ForAnyValue' ? any(results) : all(results);
}

/** Variables without a value: nothing equals them, whatever the key is, and be it not there. */
const areNull = (wanted: readonly string[], context: RequestContext, budget: Budget): boolean =>
  wanted.length > 0 && wanted.every((text) => expand(text, context, budget) === null);

/** To look at a value that is wanted, for what it asks and of which keys, takes as long as to compare so many characters. */
const STEPS_OF_VALUE = 10;

/** To call one takes as long as to compare so many characters. */
const STEPS_OF_TEST = 10;

/** Whether a value is what a policy's text wants. What the text says is worked out once, for all values. */
function testOf(
  operator: Operator,
  policyText: string,
  { context, variables, budget }: Judging,
): (value: Value) => Truth {
  const steps = operator.takes === 'text' ? operator.steps : STEPS_OF_TEST;
  if (!spend(budget, steps + policyText.length)) return () => 'unknown';
  if (operator.takes === 'text') {
    const test = operator.reads(policyText);
    return (value) => (typeof value === 'string' ? test(value) : 'unknown');
  }
  const pattern = variables ? expand(policyText, context, budget) : { text: policyText };
  if (pattern === null) return () => 'no';
  return pattern === 'unknown' ? () => pattern : (value) => operator.compare(pattern, value, budget);
}

/** Of a set glob by glob: each may match another of the policy's texts. */
function ofAll(value: Value, test: (value: Value) => Truth): Truth {
  if (typeof value === 'string' || value.globs.length === 1) return test(value);
  const results = new Set(value.globs.map((glob) => test({ ...value, globs: [glob] })));
  const [only] = results;
  return results.size === 1 && only !== undefined ? only : 'unknown';
}

/**
 * "The key exists and its value is not null": the guide calls the empty string a null value, but where it speaks of set
 * operators only, so what Null makes of one is unknown.
 */
function isNull({ is, values }: KeyState, wanted: readonly string[]): Truth {
  const readable = is === 'absent' || (is === 'present' && values.some((value) => value !== ''));
  const absent = readable ? truth(is === 'absent') : 'unknown';
  return any(
    wanted.map((value) => (/^true$/i.test(value) ? absent : /^false$/i.test(value) ? not(absent) : 'unknown')),
  );
}
