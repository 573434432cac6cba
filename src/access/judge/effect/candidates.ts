import { asArray, type ConditionTest, type PolicyDocument, statementsOf, testsOf } from '../../../policy/document.ts';
import { type Budget, isSpent, spend } from '../../../policy/evaluate/budget.ts';
import type { ContextValue } from '../../../policy/evaluate/evaluation.ts';
import { relate, symbolsOf } from '../../../policy/evaluate/glob-sets.ts';
import { ABSENT, type KeyState, type RequestContext } from '../../../policy/evaluate/request-context.ts';
import { expand, variablesIn } from '../../../policy/evaluate/variables.ts';
import { ELSE, near } from './values-near.ts';

/** What the values of open keys are looked for in: what policies test, and what is known of each caller's calls. */
type Clues = {
  tests: ReadonlyMap<string, readonly ConditionTest[]>;
  resources: readonly string[];
  contexts: readonly RequestContext[];
  budget: Budget;
};

/** What it takes to look at one value of a test (budget.ts). */
const STEPS = 200;

export function cluesIn(
  policies: readonly (PolicyDocument | null)[],
  contexts: readonly RequestContext[],
  budget: Budget,
): Clues {
  const statements = policies.flatMap(statementsOf);
  spend(budget, statements.length * STEPS);
  return {
    budget,
    tests: Map.groupBy(statements.flatMap(testsOf), ({ key }) => key.toLowerCase()),
    resources: statements.flatMap(({ Resource, NotResource }) => [...asArray(Resource), ...asArray(NotResource)]),
    contexts,
  };
}

/**
 * Values of a condition key of which it is not known what a call has: with what makes each test hold and what does not; an
 * empty list: the call has no such key. Undefined where the tests mingle in ways that few values can't stand for, and once the
 * budget is spent.
 * @param key in small letters
 */
export function candidatesOf(key: string, clues: Clues): ContextValue[] | undefined {
  const tests = clues.tests.get(key) ?? [];
  const texts = textsOf(key, clues);
  if (texts === undefined || areMingled(tests, clues.budget) || isSpent(clues.budget)) return undefined;
  if (key === ORG_PATHS) {
    for (const organization of [...(textsOf(ORG_ID, clues) ?? []), ...likely(ORG_ID, clues)])
      texts.add(`${organization}/r-elsewhere/`);
  }
  const isMany = tests.some(({ operator }) => /^For(Any|All)Values?:/.test(operator)) && MULTIVALUED.has(key);
  return [...[...texts].map((text): ContextValue => (isMany ? [text] : text)), []];
}

const MULTIVALUED: ReadonlySet<string> = new Set(['aws:principalorgpaths', 'aws:tagkeys', 'aws:calledvia']);
const ORG_ID = 'aws:principalorgid';
const ORG_PATHS = 'aws:principalorgpaths';

function textsOf(key: string, clues: Clues): Set<string> | undefined {
  const asVariable = textsBehind(key, clues);
  if (asVariable === undefined) return undefined;
  const tests = clues.tests.get(key) ?? [];
  const texts = new Set([...plainTexts(key, clues), ...asVariable]);
  for (const { operator, values } of tests) {
    for (const text of new Set(values.filter(isVariable))) {
      const expanded = isSpent(clues.budget) ? undefined : expansions(text, clues);
      if (expanded === undefined) return undefined;
      for (const one of expanded.flatMap((one) => near(operator, one))) texts.add(one);
    }
  }
  if (texts.size === 0 || tests.some(({ values }) => values.some(isVariable))) texts.add(ELSE);
  return texts;
}

const isVariable = (text: string): boolean => text.includes('${');

/** What tests without variables say; of an organization also those whose places are asked for. */
function plainTexts(key: string, clues: Clues): string[] {
  const tests = clues.tests.get(key) ?? [];
  const room = tests.every(({ values }) => spend(clues.budget, values.length * STEPS));
  const own = (room ? tests : []).flatMap(({ operator, values }) =>
    values.filter((text) => !isVariable(text)).flatMap((text) => near(operator, text)),
  );
  const places = key === ORG_ID ? plainTexts(ORG_PATHS, clues) : [];
  return [...own, ...places.map((path) => path.split('/')[0] ?? '')];
}

/** What a key is, where the callers tell; else what it may be. */
function likely(key: string, clues: Clues): string[] {
  const known = clues.contexts.flatMap((context) => context(key).values.filter((value) => typeof value === 'string'));
  return [...new Set(known.length > 0 ? known : [...plainTexts(key, clues), ELSE])];
}

/** A text with its variables' values put in; undefined where there are too many ways. */
function expansions(text: string, clues: Clues): string[] | undefined {
  let assignments = [new Map<string, KeyState>()];
  for (const name of new Set(variablesIn(text).map((name) => name.toLowerCase()))) {
    const states = [ABSENT, ...likely(name, clues).map(present)];
    if (assignments.length * states.length > MOST_EXPANSIONS) return undefined;
    assignments = assignments.flatMap((values) => states.map((state) => new Map(values).set(name, state)));
  }
  return assignments.flatMap((values) => {
    const pattern = expand(text, (name) => values.get(name.toLowerCase()) ?? ABSENT, clues.budget);
    return pattern === null || pattern === 'unknown' ? [] : [pattern.text];
  });
}

const MOST_EXPANSIONS = 64;

const present = (value: string): KeyState => ({ is: 'present', values: [value], multivalued: false });

/** What a key must be as a variable, for what is compared with it to be the same. */
function textsBehind(key: string, clues: Clues): string[] | undefined {
  const names = (text: string) => variablesIn(text).some((name) => name.toLowerCase() === key);
  if (clues.resources.some(names)) return undefined;
  const texts: string[] = [];
  for (const [other, tests] of clues.tests) {
    if (!tests.every(({ values }) => spend(clues.budget, values.length))) return undefined;
    for (const text of tests.flatMap(({ values }) => values).filter(names)) {
      const around = /^([^$*?]*)\$\{[^{}]*\}([^$*?]*)$/.exec(text);
      if (around === null) return undefined;
      const [, before = '', after = ''] = around;
      const like = likely(other, clues).filter((one) => one.startsWith(before) && one.endsWith(after));
      texts.push(ELSE, ...like.map((one) => one.slice(before.length, one.length - after.length)));
    }
  }
  return texts;
}

/** Whether two patterns have some texts in common, and each some of its own. */
function areMingled(tests: readonly ConditionTest[], budget: Budget): boolean {
  const likes = tests.filter(({ operator }) => /(Like|Arn\w*)(IfExists)?$/.test(operator));
  const globs = [...new Set(likes.flatMap(({ values }) => values))].filter(
    (text) => /[*?]/.test(text) && !isVariable(text),
  );
  if (globs.length > MOST_GLOBS) return true;
  const symbols = globs.map((text) => symbolsOf({ text }, 0, text.length));
  return symbols.some((one, index) =>
    symbols
      .slice(index + 1)
      .some((other) => relate(one, other, budget) === 'unknown' && relate(other, one, budget) === 'unknown'),
  );
}

const MOST_GLOBS = 32;
