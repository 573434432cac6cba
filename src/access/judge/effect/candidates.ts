import { asArray, type ConditionTest, type PolicyDocument, statementsOf, testsOf } from '../../../policy/document.ts';
import { newBudget } from '../../../policy/evaluate/budget.ts';
import type { ContextValue } from '../../../policy/evaluate/evaluation.ts';
import { relate, symbolsOf } from '../../../policy/evaluate/glob-sets.ts';
import type { KeyState, RequestContext } from '../../../policy/evaluate/request-context.ts';
import { expand, variablesIn } from '../../../policy/evaluate/variables.ts';
import { ELSE, near } from './near.ts';

/** What the values of open keys are looked for in: what policies test, and what is known of each caller's calls. */
export type Clues = {
  tests: ReadonlyMap<string, readonly ConditionTest[]>;
  resources: readonly string[];
  contexts: readonly RequestContext[];
};

export function cluesIn(policies: readonly (PolicyDocument | null)[], contexts: readonly RequestContext[]): Clues {
  const statements = policies.flatMap(statementsOf);
  return {
    tests: Map.groupBy(statements.flatMap(testsOf), ({ key }) => key.toLowerCase()),
    resources: statements.flatMap(({ Resource, NotResource }) => [...asArray(Resource), ...asArray(NotResource)]),
    contexts,
  };
}

/**
 * Values of a condition key of which it is not known what a call has: with what makes each test hold and what does not; an
 * empty list: the call has no such key. Undefined where the tests mingle in ways that few values can't stand for.
 * @param key in small letters
 */
export function candidatesOf(key: string, clues: Clues): ContextValue[] | undefined {
  const tests = clues.tests.get(key) ?? [];
  const texts = textsOf(key, clues);
  if (texts === undefined || areMingled(tests)) return undefined;
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
  const expanded = tests.flatMap(({ operator, values }) =>
    values.filter(isVariable).flatMap((text) => expansions(text, clues).flatMap((one) => near(operator, one))),
  );
  const texts = new Set([...plainTexts(key, clues.tests), ...asVariable, ...expanded]);
  if (texts.size === 0 || tests.some(({ values }) => values.some(isVariable))) texts.add(ELSE);
  return texts;
}

const isVariable = (text: string): boolean => text.includes('${');

/** What tests without variables say; of an organization also those whose places are asked for. */
function plainTexts(key: string, tests: Clues['tests']): string[] {
  const own = (tests.get(key) ?? []).flatMap(({ operator, values }) =>
    values.filter((text) => !isVariable(text)).flatMap((text) => near(operator, text)),
  );
  const places = key === ORG_ID ? plainTexts(ORG_PATHS, tests) : [];
  return [...own, ...places.map((path) => path.split('/')[0] ?? '')];
}

/** What a key is, where the callers tell; else what it may be. */
function likely(key: string, clues: Clues): string[] {
  const known = clues.contexts.flatMap((context) => context(key).values.filter((value) => typeof value === 'string'));
  return [...new Set(known.length > 0 ? known : [...plainTexts(key, clues.tests), ELSE])];
}

const ABSENT: KeyState = { is: 'absent', values: [], multivalued: false };

/** A text with its variables' values put in. */
function expansions(text: string, clues: Clues): string[] {
  const assignments = [...new Set(variablesIn(text).map((name) => name.toLowerCase()))].reduce<Map<string, KeyState>[]>(
    (some, name) =>
      some.flatMap((values) =>
        [ABSENT, ...likely(name, clues).map(present)].map((state) => new Map(values).set(name, state)),
      ),
    [new Map()],
  );
  return assignments.flatMap((values) => {
    const pattern = expand(text, (name) => values.get(name.toLowerCase()) ?? ABSENT);
    return pattern === null || pattern === 'unknown' ? [] : [pattern.text];
  });
}

const present = (value: string): KeyState => ({ is: 'present', values: [value], multivalued: false });

/** What a key must be as a variable, for what is compared with it to be the same. */
function textsBehind(key: string, clues: Clues): string[] | undefined {
  const names = (text: string) => variablesIn(text).some((name) => name.toLowerCase() === key);
  if (clues.resources.some(names)) return undefined;
  const texts: string[] = [];
  for (const [other, tests] of clues.tests) {
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
function areMingled(tests: readonly ConditionTest[]): boolean {
  const likes = tests.filter(({ operator }) => /(Like|Arn\w*)(IfExists)?$/.test(operator));
  const globs = [...new Set(likes.flatMap(({ values }) => values))].filter(
    (text) => /[*?]/.test(text) && !isVariable(text),
  );
  if (globs.length > MOST_GLOBS) return true;
  const symbols = globs.map((text) => symbolsOf({ text }, 0, text.length));
  const budget = newBudget();
  return symbols.some((one, index) =>
    symbols
      .slice(index + 1)
      .some((other) => relate(one, other, budget) === 'unknown' && relate(other, one, budget) === 'unknown'),
  );
}

const MOST_GLOBS = 32;
