import { asArray, type PolicyDocument, type Statement, statementsOf } from '../document.ts';
import { evaluateConditions } from './conditions.ts';
import type { AccessRequest, StatementVerdict } from './evaluation.ts';
import { type RequestContext, unknownAmong } from './request-context.ts';
import { type Naming, namingOf } from './statement-principal.ts';
import { all, any, not, type Truth, truth } from './truth.ts';
import { expand, variablesIn } from './variables.ts';
import { matchesPattern } from './wildcards.ts';

/** A statement that applies or may apply; `direct` and `delegated` say by which naming of the caller it does. */
export type Applicable = { verdict: StatementVerdict; direct: Truth; delegated: Truth };

/** What a statement is judged against. */
export type Subject = { request: AccessRequest; context: RequestContext };

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

function judge(
  statement: Statement,
  { request, context }: Subject,
  source: StatementVerdict['source'],
  variables: boolean,
): Applicable | undefined {
  if (!appliesToAction(statement, request.action)) return undefined;
  const naming = source === 'identityPolicy' ? HOLDER : namingOf(statement, request.caller, context);
  const named = any([naming.direct, naming.delegated]);
  if (named === 'no') return undefined;
  const onResource = appliesToResource(statement, request.resource, source, variables ? context : undefined);
  if (onResource === 'no') return undefined;
  const { holds, dependsOn } = evaluateConditions(statement.Condition, context, variables);
  if (holds === 'no') return undefined;

  const rest = all([onResource, holds]);
  const direct = all([naming.direct, rest]);
  const delegated = all([naming.delegated, rest]);
  const applies = any([direct, delegated]) === 'yes' ? 'yes' : 'unknown';
  const reasons = new Set([
    ...(named === 'unknown' ? [statement.Principal === undefined ? 'NotPrincipal' : 'Principal'] : []),
    ...(onResource === 'unknown' ? unknownVariables(statement, context) : []),
    ...dependsOn,
  ]);
  return {
    verdict: { source, statement, effect: statement.Effect, applies, dependsOn: [...reasons] },
    direct,
    delegated,
  };
}

/** Without regard to case, with wildcards (IAM User Guide, "IAM JSON policy elements: Action"). */
export function appliesToAction({ Action, NotAction }: Statement, action: string): boolean {
  const lower = action.toLowerCase();
  const isOneOf = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => pattern === '*' || matchesPattern({ text: pattern.toLowerCase() }, lower));
  if (Action !== undefined) return isOneOf(asArray(Action));
  return NotAction !== undefined && !isOneOf(asArray(NotAction));
}

/**
 * A resource policy without a Resource is about its own resource; in it, `*` means just that resource.
 * Wildcards reach over colons: IAM User Guide, "IAM JSON policy elements: Resource", "can expand to match beyond the
 * colon boundaries".
 */
function appliesToResource(
  { Resource, NotResource }: Statement,
  resource: string,
  source: StatementVerdict['source'],
  context: RequestContext | undefined,
): Truth {
  const isOneOf = (patterns: readonly string[]): Truth =>
    any(
      patterns.map((text) => {
        const pattern = context === undefined ? { text } : expand(text, context);
        return pattern === null ? 'no' : pattern === 'unknown' ? pattern : truth(matchesPattern(pattern, resource));
      }),
    );
  if (Resource !== undefined) return isOneOf(asArray(Resource));
  if (NotResource !== undefined) return not(isOneOf(asArray(NotResource)));
  return truth(source === 'resourcePolicy');
}

/** The variables of which the value is not known; all where every value is, and they can't be read. */
function unknownVariables({ Resource, NotResource }: Statement, context: RequestContext): string[] {
  const variables = [...asArray(Resource), ...asArray(NotResource)].flatMap(variablesIn);
  const unknown = unknownAmong(variables, context);
  return unknown.length === 0 ? variables : unknown;
}
