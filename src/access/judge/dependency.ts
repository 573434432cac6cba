import { asArray, type Statement, testsOf } from '../../policy/document.ts';
import { type Evaluation, type StatementVerdict, TOO_MUCH_WORK } from '../../policy/evaluate/evaluation.ts';
import { BOUNDARY } from '../../policy/evaluate/request-context.ts';
import { variablesIn } from '../../policy/evaluate/variables.ts';
import { perStatement } from '../../policy/per-document.ts';
import { permissionSetIn } from '../../policy/principals/permission-set.ts';

/** One thing that a decision hangs on and that nobody has told. */
export type Dependency = {
  /** The condition key to give in `context`, or `permissionsBoundary`, which goes there too; `Principal`, `NotPrincipal` or `identityPolicies` where it is none. */
  key: string;
  /** In plain words. */
  description: string;
};

/**
 * What an `unknown` decision hangs on; empty for every other decision.
 * @param sameAccount whether the caller is of the account that owns the secret, where identity policies alone may allow
 */
export function openQuestions(
  { decision, because, needsIdentityPolicy }: Pick<Evaluation, 'decision' | 'because' | 'needsIdentityPolicy'>,
  sameAccount: boolean,
): Dependency[] {
  if (decision !== 'unknown') return [];
  if (sameAccount && needsIdentityPolicy) return [...dependenciesOf(because, ALLOWED_BY_POLICY), BY_IDENTITY_POLICY];
  // Across accounts it takes an Allow of either side.
  const sides = sameAccount ? [because] : Map.groupBy(because, ({ source }) => source).values();
  return [...sides].flatMap((side) => dependenciesOf(side));
}

const ALLOWED = 'Allowed only if';
const ALLOWED_BY_POLICY = 'Allowed by the secret’s policy only if';

const BY_IDENTITY_POLICY: Dependency = {
  key: 'identityPolicies',
  description: 'In the secret’s own account an identity policy of the caller is enough, and those are not known here.',
};

/**
 * What the statements hang on that may apply, each thing once. All that a statement hangs on must be so together; Allows are
 * alternatives, and told as one.
 */
export function dependenciesOf(verdicts: readonly StatementVerdict[], allowed = ALLOWED): Dependency[] {
  const open = verdicts.filter(({ dependsOn }) => dependsOn.length > 0);
  const allows = [...new Set(open.filter(({ effect }) => effect === 'Allow').map(clauseOf))];
  const more = allows.length > MOST_LISTED ? ', or if another statement allows it' : '';
  const ofAllows = `${allowed} ${allows.slice(0, MOST_LISTED).join(', or if ')}${more}.`;
  const all = open.flatMap((verdict) =>
    verdict.dependsOn.map((key): Dependency => {
      if (key === TOO_MUCH_WORK) return { key, description: `The policy’s ${TOO_MUCH}.` };
      return { key, description: verdict.effect === 'Allow' ? ofAllows : `Denied if ${clauseOf(verdict)}.` };
    }),
  );
  return [...new Map(all.map((dependency) => [`${dependency.key} ${dependency.description}`, dependency])).values()];
}

/** In words, each once. */
export const hangsOn = (verdicts: readonly StatementVerdict[]): string[] => [
  ...new Set(dependenciesOf(verdicts).map(({ description }) => description)),
];

/** Of a policy. */
export const TOO_MUCH = 'patterns take more work to match than one look may take';

/** Statements never change, and of each caller the same is asked. */
const clausesOf = perStatement(() => new Map<string, string>());

function clauseOf({ statement, dependsOn }: StatementVerdict): string {
  const known = clausesOf(statement);
  const keys = dependsOn.join('\n');
  const clause = known.get(keys) ?? clauseAnew(statement, dependsOn);
  known.set(keys, clause);
  return clause;
}

function clauseAnew(statement: Statement, dependsOn: readonly string[]): string {
  const tests = testsOf(statement).map((test) => ({
    keys: new Set([test.key, ...test.values.flatMap(variablesIn)]),
    words: `${subject(test.key)} ${predicate(test.operator, test.values)}`,
  }));
  return [...new Set(dependsOn.map((key) => partOf(statement, tests, key)))].join(', and ');
}

type WordedTest = { keys: ReadonlySet<string>; words: string };

function partOf(statement: Statement, worded: readonly WordedTest[], key: string): string {
  if (key === TOO_MUCH_WORK) return 'its patterns match';
  if (key === 'Principal')
    return `the caller is one of those that it names: ${listed(principals(statement.Principal))}`;
  if (key === BOUNDARY) return 'the caller has a permissions boundary: NotPrincipal excepts nobody who has one';
  if (key === 'NotPrincipal') {
    return `the caller is none of those that it excepts: ${listed(principals(statement.NotPrincipal))}`;
  }
  const tests = worded.filter(({ keys }) => keys.has(key)).map(({ words }) => words);
  return tests.length === 0 ? `${subject(key)} is what its Resource wants` : tests.join(', and ');
}

const principals = (element: Statement['Principal']): string[] =>
  element === undefined || element === '*' ? ['*'] : Object.values(element).flatMap((names) => asArray(names));

const MEANINGS: Readonly<Record<string, string>> = {
  'aws:currenttime': 'the time',
  'aws:epochtime': 'the time',
  'aws:principalaccount': 'the caller’s account',
  'aws:principalarn': 'the caller’s ARN',
  'aws:principalorgid': 'the caller’s organization',
  'aws:principalorgpaths': 'the caller’s place in its organization',
  'aws:principaltype': 'the kind of caller',
  'aws:sourceip': 'the address that the call comes from',
  'aws:sourcevpc': 'the VPC that the call comes from',
  'aws:sourcevpce': 'the VPC endpoint that the call comes through',
  'aws:multifactorauthpresent': 'whether the caller used MFA',
  'secretsmanager:versionstage': 'the version stage that the call names',
  'secretsmanager:versionid': 'the version id that the call names',
};

function subject(key: string): string {
  const tag = /^aws:PrincipalTag\/(.+)$/i.exec(key)?.[1];
  const meaning = tag === undefined ? MEANINGS[key.toLowerCase()] : `the caller’s tag ${tag}`;
  return meaning === undefined ? key : `${meaning} (${key})`;
}

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/;

function predicate(text: string, values: readonly string[]): string {
  if (text === 'Null') return values.includes('true') ? 'is not there' : 'is there';
  const [, set, operator = '', ifExists] = OPERATOR.exec(text) ?? [];
  const words = WORDS.find(([pattern]) => pattern.test(operator))?.[1] ?? `meets ${operator}`;
  const each = set === 'ForAllValues' ? ' in every value' : set === 'ForAnyValue' ? ' in some value' : '';
  return `${words} ${listed(values)}${each}${ifExists === undefined ? '' : ', or is not there'}`;
}

const WORDS: readonly [RegExp, string][] = [
  [/^(String|Arn)NotLike$/, 'is not like'],
  [/^(String|Arn)Like$/, 'is like'],
  [/^NotIpAddress$/, 'is not in'],
  [/^IpAddress$/, 'is in'],
  [/NotEquals(IgnoreCase)?$/, 'is not'],
  [/^DateLessThan$/, 'is before'],
  [/^DateLessThanEquals$/, 'is not after'],
  [/^DateGreaterThan$/, 'is after'],
  [/^DateGreaterThanEquals$/, 'is not before'],
  [/^NumericLessThan$/, 'is less than'],
  [/^NumericLessThanEquals$/, 'is at most'],
  [/^NumericGreaterThan$/, 'is more than'],
  [/^NumericGreaterThanEquals$/, 'is at least'],
  [/^(\w+Equals(IgnoreCase)?|Bool)$/, 'is'],
];

const MOST_LISTED = 5;

function listed(values: readonly string[]): string {
  const said = [...new Set(values.map(valueInWords))];
  const shown = said.slice(0, MOST_LISTED);
  const more = said.length - shown.length;
  return more > 0 ? `${shown.join(', ')} or ${more} more` : shown.join(' or ');
}

/** A variable that is a tag of the secret, and the patterns of a permission set, which are two. */
function valueInWords(value: string): string {
  const tag = /^\$\{(?:aws|secretsmanager):ResourceTag\/([^{},]+)\}$/i.exec(value)?.[1];
  if (tag !== undefined) return `the secret’s tag ${tag}`;
  const { name, account } = value.includes('AWSReservedSSO_') ? (permissionSetIn(value) ?? {}) : {};
  if (name === undefined) return value;
  return `a role of the permission set ${name}${account === '*' ? '' : ` in ${account}`}`;
}
