import { parseArn } from '../../../policy/arn.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { type Budget, newBudget } from '../../../policy/evaluate/budget.ts';
import type { Caller, ContextValue } from '../../../policy/evaluate/evaluation.ts';
import { includes, namesOf } from '../../../policy/evaluate/names.ts';
import type { RequestContext } from '../../../policy/evaluate/request-context.ts';
import { matches } from '../../../policy/evaluate/wildcards.ts';
import { parsePrincipal, roleOf } from '../../../policy/principals/principal.ts';
import { conditionArnsOf, valuesOf } from '../../../policy/principals/role-path.ts';
import type { GivenContext } from '../judged-call.ts';
import type { Reader } from '../reader.ts';
import { candidatesOf, cluesIn } from './candidates.ts';

/** One caller of a set, and one call of it: what policies can say about a set, they say about one of these. */
type Witness = { reader: Reader; given: GivenContext };

/**
 * Callers and calls on which some policies differ, if they differ on any: for each condition key the values that the
 * policies compare it with, something like them, something else, and none. Undefined where that is too many (candidates.ts).
 * @param keys those of which it is not known what the calls have
 * @param contextFor what is known of the calls of one caller
 */
export function witnessesOf(
  reader: Reader,
  keys: readonly string[],
  policies: readonly (PolicyDocument | null)[],
  { contextFor, most, budget }: { contextFor: (reader: Reader) => RequestContext; most: number; budget: Budget },
): Witness[] | undefined {
  const callers = callersOf(reader, policies);
  const clues = cluesIn(
    policies,
    callers.map((caller) => contextFor({ ...reader, caller })),
    budget,
  );
  const open = [...new Set(keys.map((key) => key.toLowerCase()))].filter((key) => !OF_CALLERS.has(key));
  const values: [string, ContextValue[]][] = [];
  for (const key of open) {
    const candidates = candidatesOf(key, clues);
    if (candidates === undefined) return undefined;
    values.push([key, candidates]);
  }
  const count = values.reduce((product, [, some]) => product * some.length, callers.length);
  if (count > most) return undefined;
  const contexts = values.reduce<Record<string, ContextValue>[]>(
    (some, [key, candidates]) => some.flatMap((context) => candidates.map((value) => ({ ...context, [key]: value }))),
    [{}],
  );
  const calls = contexts.filter((context) => isPossible(context) && isWithin(context, reader));
  return callers.flatMap((caller) => calls.map((given) => ({ reader: { ...reader, caller }, given })));
}

/** Keys that follow from who calls. */
const OF_CALLERS: ReadonlySet<string> = new Set([
  'principal',
  'notprincipal',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:username',
  'aws:userid',
]);

/** Of a set that is no single caller: users and roles that no policy names, those that patterns speak of, the root user. */
function callersOf({ caller }: Reader, policies: readonly (PolicyDocument | null)[]): Caller[] {
  const { type, arn, account, anyPath, except = [] } = caller;
  const patterns = policies.flatMap(conditionArnsOf);
  const texts = patterns.map((text) => text.replaceAll(/\*|\?/g, 'x'));
  if (type === 'assumedRole') {
    const role = roleOf(arn);
    const spelled = texts.filter((text) => roleOf(text) === role);
    const paths = ['x/', ...texts.flatMap(pathsIn)];
    const pathed = paths.map((path) => arn.replace(':role/', `:role/${path}`));
    const arns = anyPath === true ? [arn, ...pathed, ...spelled] : [arn];
    return [...new Set(arns)].map((one) => ({ ...caller, arn: one, anyPath: false }));
  }
  if (type !== 'someone' || caller.uniqueId !== undefined) return [caller];
  const partition = texts.map((text) => parseArn(text)?.partition).find((found) => found?.startsWith('aws')) ?? 'aws';
  const accounts = account === '' ? [NOBODYS, ...patternAccounts(policies)] : [account];
  const userNames = policies
    .flatMap((policy) => valuesOf(policy, 'aws:username'))
    .map((text) => text.replaceAll(/\*|\?/g, 'x'));
  const fresh = accounts.flatMap((one) => [
    ...userNames.map((name) => `arn:${partition}:iam::${one}:user/${name}`),
    `arn:${partition}:iam::${one}:role/some-role-nobody-names`,
    `arn:${partition}:iam::${one}:user/some-user-nobody-names`,
    `arn:${partition}:sts::${one}:federated-user/nobody-names`,
    `arn:${partition}:iam::${one}:root`,
  ]);
  const others = namesOf(except);
  const isOfSet = (text: string) =>
    (account === '' || parseArn(text)?.account === account) &&
    (/:root$/.test(text) ? !others.accounts.has(parseArn(text)?.account ?? '') : !includes(others, text));
  const meant = accounts.flatMap((one) => patterns.map((text) => instanceOf(text, partition, one)));
  return [...new Set([...fresh, ...texts, ...meant])].filter(isOfSet).flatMap((text) => asCaller(text, except) ?? []);
}

/** Paths with which a role may be one that a pattern speaks of: the pattern's own, and all that it says of roles. */
function pathsIn(text: string): string[] {
  const [, path = '', rest = ''] = /:role\/(.*\/)?([^/]*)$/.exec(text) ?? [];
  return [path, `${path}${rest}/`].filter((one) => one !== '' && one !== '/');
}

/** An ARN that a pattern speaks of, of one account: where the pattern's parts leave it open. */
function instanceOf(pattern: string, partition: string, account: string): string {
  const [, ofPartition = '', service = '', , of = '', ...resource] = pattern.split(':');
  const filled = [
    ...['arn', /[*?]/.test(ofPartition) ? partition : ofPartition, /[*?]/.test(service) ? 'iam' : service, ''],
    ...[/[*?]/.test(of) ? account : of, resource.join(':').replace(/^\*/, 'role/*')],
  ];
  return filled.join(':').replaceAll(/\*|\?/g, 'x');
}

const NOBODYS = '999999999999';
const patternAccounts = (policies: readonly (PolicyDocument | null)[]): string[] =>
  policies
    .flatMap((policy) => valuesOf(policy, 'aws:principalaccount'))
    .map((text) => text.replaceAll(/\*|\?/g, '7').padEnd(12, '7').slice(0, 12))
    .filter((text) => /^\d{12}$/.test(text));

function asCaller(text: string, except: readonly string[]): Caller | undefined {
  const { type, arn, account } = parsePrincipal(text) ?? {};
  if (type === undefined || arn === undefined || account === undefined || type === 'assumedRole') return undefined;
  if (type === 'role') return { type: 'assumedRole', arn, account };
  return { type, arn, account, ...(type === 'federatedUser' && { sessionArn: arn, except }) };
}

/** Whether a call is of the set, as far as condition keys make it one: of an organization, or of none that is named. */
function isWithin(context: Record<string, ContextValue>, reader: Reader): boolean {
  return Object.entries(reader.context).every(([name, set]) => {
    const value = context[name.toLowerCase()];
    if (value === undefined) return true;
    if (typeof set === 'string') return value === set;
    if (!('globs' in set)) return JSON.stringify(value) === JSON.stringify(set);
    if (typeof value !== 'string') return set.maybeAbsent === true;
    const isLike = (glob: string) => matches({ text: glob }, value, newBudget()) === 'yes';
    return set.globs.some(isLike) && !set.except?.some(isLike);
  });
}

/** No call comes through a VPC endpoint and from a public address, nor is one of an organization in no place of it. */
function isPossible(context: Record<string, ContextValue>): boolean {
  const has = (key: string) => {
    const value = context[key];
    return value === undefined ? undefined : !(Array.isArray(value) && value.length === 0);
  };
  const agree = (...states: (boolean | undefined)[]) =>
    new Set(states.filter((state) => state !== undefined)).size <= 1;
  const ip = has('aws:sourceip');
  const through = [has('aws:sourcevpce'), has('aws:sourcevpc'), has('aws:vpcsourceip')];
  const paths = context['aws:principalorgpaths'];
  const organization = context['aws:principalorgid'];
  const isSame =
    !Array.isArray(paths) ||
    typeof organization !== 'string' ||
    paths.every((path) => path === organization || path.startsWith(`${organization}/`));
  return (
    agree(...through, ip === undefined ? undefined : !ip) &&
    agree(has('aws:principalorgpaths'), has('aws:principalorgid')) &&
    isSame
  );
}
