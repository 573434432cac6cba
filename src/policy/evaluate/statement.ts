import { asArray, type PolicyDocument, type Statement, statementsOf } from '../document.ts';
import { type Budget, isSpent, spend } from './budget.ts';
import { evaluateConditions } from './conditions.ts';
import { type JudgedCall, type StatementVerdict, TOO_MUCH_WORK } from './evaluation.ts';
import { type RequestContext, unknownAmong } from './request-context.ts';
import { type Naming, namingOf } from './statement-principal.ts';
import type { Value } from './text-set.ts';
import { all, any, not, type Truth, truth } from './truth.ts';
import { expand, variablesIn } from './variables.ts';
import { matches } from './wildcards.ts';

/** A statement that applies or may apply; `direct` and `delegated` say by which naming of the caller it does. */
export type Applicable = { verdict: StatementVerdict; direct: Truth; delegated: Truth };

/** What a statement is judged against. */
export type Subject = { request: JudgedCall; context: RequestContext; budget: Budget };

/** The statements of a policy that apply to a request, or may, in the policy's order. */
export function applicableStatements(
  document: PolicyDocument | null,
  subject: Subject,
  source: StatementVerdict['source'],
): Applicable[] {
  const variables = document?.Version === '2012-10-17';
  return statementsOf(document).flatMap((statement) => judge(statement, subject, source, variables) ?? []);
}

/** An identity policy's principal is whoever has the policy. */
const HOLDER: Naming = { direct: 'yes', delegated: 'no' };

/** To find out that a statement is about something else takes as long as to compare so many characters, and all else of it. */
const STEPS_OF_STATEMENT = 10;
const STEPS_OF_ITS_CASE = 50;
/** And to find out which key it hangs on. */
const STEPS_OF_KEY = 50;

function judge(
  statement: Statement,
  { request, context, budget }: Subject,
  source: StatementVerdict['source'],
  variables: boolean,
): Applicable | undefined {
  spend(budget, STEPS_OF_STATEMENT);
  const onAction = appliesToAction(statement, request.action, budget);
  if (onAction === 'no') return undefined;
  const naming = source === 'identityPolicy' ? HOLDER : namingOf(statement, request.caller, context, budget);
  const named = any([naming.direct, naming.delegated]);
  if (named === 'no') return undefined;
  spend(budget, STEPS_OF_ITS_CASE);
  const onResource = appliesToResource(statement, request.resource, source, variables ? context : undefined, budget);
  if (onResource === 'no') return undefined;
  const { holds, dependsOn } = evaluateConditions(statement.Condition, context, variables, budget);
  if (holds === 'no') return undefined;

  const rest = all([onAction, onResource, holds]);
  const direct = all([naming.direct, rest]);
  const delegated = all([naming.delegated, rest]);
  const applies = any([direct, delegated]) === 'yes' ? 'yes' : 'unknown';
  const reasons = new Set([
    ...(named === 'unknown' ? [naming.hangsOn ?? 'Principal'] : []),
    ...(onResource === 'unknown' && !isSpent(budget) ? unknownVariables(statement, context, budget) : []),
    ...(isSpent(budget) && (rest === 'unknown' || named === 'unknown') ? [TOO_MUCH_WORK] : []),
    ...dependsOn,
  ]);
  return {
    verdict: { source, statement, effect: statement.Effect, applies, dependsOn: [...reasons] },
    direct,
    delegated,
  };
}

/** Without regard to case, with wildcards (IAM User Guide, "IAM JSON policy elements: Action"). */
export function appliesToAction({ Action, NotAction }: Statement, action: string, budget: Budget): Truth {
  const lower = action.toLowerCase();
  const isOneOf = (patterns: readonly string[]): Truth =>
    any(patterns.map((pattern) => (pattern === '*' ? 'yes' : matches({ text: pattern.toLowerCase() }, lower, budget))));
  if (Action !== undefined) return isOneOf(asArray(Action));
  return NotAction === undefined ? 'no' : not(isOneOf(asArray(NotAction)));
}

/**
 * A resource policy without a Resource is about its own resource; in it, `*` means just that resource.
 * Wildcards reach over colons: IAM User Guide, "IAM JSON policy elements: Resource", "can expand to match beyond the
 * colon boundaries".
 */
function appliesToResource(
  { Resource, NotResource }: Statement,
  resource: Value,
  source: StatementVerdict['source'],
  context: RequestContext | undefined,
  budget: Budget,
): Truth {
  const isOneOf = (patterns: readonly string[]): Truth =>
    any(
      patterns.map((text) => {
        const pattern = context === undefined ? { text } : expand(text, context, budget);
        return pattern === null ? 'no' : pattern === 'unknown' ? pattern : matches(pattern, resource, budget);
      }),
    );
  if (Resource !== undefined) return isOneOf(asArray(Resource));
  if (NotResource !== undefined) return not(isOneOf(asArray(NotResource)));
  return truth(source === 'resourcePolicy');
}

/** The variables of which the value is not known; all where every value is, and they can't be read. */
function unknownVariables({ Resource, NotResource }: Statement, context: RequestContext, budget: Budget): string[] {
  const variables = [...asArray(Resource), ...asArray(NotResource)].flatMap(variablesIn);
  spend(budget, variables.length * STEPS_OF_KEY);
  const unknown = unknownAmong(variables, context);
  return unknown.length === 0 ? variables : unknown;
}
