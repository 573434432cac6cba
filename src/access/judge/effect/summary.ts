import { listed } from '../../../english.ts';
import { ALL_ACTIONS, GET_SECRET_VALUE, READ_ACTIONS } from '../../../policy/actions.ts';
import type { EntryInWords } from '../../../policy/entries/words.ts';
import { keyUsesOf, onReplicas } from '../../../policy/key-use.ts';
import { accountNamed } from '../../../policy/principals/principal.ts';
import { keyUsesInWords } from '../key/key-finding.ts';
import type { Leg } from '../legs/leg.ts';
import { rememberedSince } from '../legs/organization-legs.ts';
import { isAllowed, isOfItsCalls } from '../legs/secret-leg.ts';
import type { Effect, EffectItem } from './effect.ts';

/** What a summary is of: a change as its answer has it. */
type Summarised = {
  changed: boolean;
  dryRun: boolean;
  secret: { name: string };
  share?: EntryInWords;
  denial?: EntryInWords;
  restriction?: EntryInWords;
  effect: Effect;
  legs: readonly Leg[];
};

/** What a change means, in one sentence that is the whole truth. */
export function summaryOf(change: Summarised): string {
  const { share, legs } = change;
  const sentence = share !== undefined && legs.length > 0 ? ofShare(change, share) : ofEffect(change);
  const start = change.dryRun ? 'If it were done: ' : change.changed ? '' : 'It is so already: ';
  return `${start}${start === '' ? capital(sentence) : sentence}.`;
}

/** An ARN, or the name of a service, is written as it is. */
const capital = (sentence: string): string =>
  sentence.replace(/^[a-z]+(?= )/, (word) => word.charAt(0).toUpperCase() + word.slice(1));

function ofShare({ secret: { name }, legs }: Summarised, share: EntryInWords): string {
  const who = personOf(share.principal ?? share.words.who);
  const what = `${doing(share.actions)} ${name}`;
  const policy = legs.find(({ leg }) => leg === 'secretPolicy');
  const lost = regionsIn(policy);
  if (policy?.status === 'missing') {
    // Where it is not so everywhere, the statements are those of some Regions only.
    const lacks = isOfReading(share.actions, policy) ? what : `${doingAll(share.actions)} ${name}`;
    return `${who} ${lost.length === 0 ? 'may not' : 'cannot everywhere'} ${lacks}: ${clause(policy.detail)}`;
  }
  if (policy !== undefined && isOfItsCalls(policy)) {
    return `whether ${who} may ${what} hangs on the call: ${clause(policy.detail)}`;
  }
  const controls = legs.filter(({ leg }) => leg === 'organization');
  const barred = controls.find(({ status }) => status === 'missing');
  if (barred !== undefined) {
    const lacks = isReading(share.actions) ? what : `${doingAll(share.actions)} ${name}`;
    return `${who} may not ${lacks}: ${clause(barred.detail)}`;
  }
  const keys = legs.filter(({ leg }) => leg === 'keyPolicy');
  const good = keys.filter(({ status }) => status === 'done' || status === 'notNeeded');
  const bad = keys.filter((key) => !good.includes(key));
  const some = bad.map((key) => ofKey(key, key === keys[0], share.actions));
  const own = ownAccount(legs.find(({ leg }) => leg === 'identityPolicy'));
  const but = /, but not (.*)\.$/.exec(policy?.detail ?? '')?.[1];
  const remembered = controls.flatMap((leg) => rememberedSince(leg) ?? []).toSorted();
  const conditions = [
    ...(policy?.status === 'unknown' && !isAllowed(policy)
      ? ['where no condition of the policy stands against it']
      : []),
    ...(controls.some(({ status }) => status === 'unknown')
      ? ['where no control policy of its organization stands against it']
      : []),
    ...remembered.slice(0, 1).map((time) => `unless its organization was changed after ${time}`),
    ...share.words.conditions,
  ];
  const limits = conditions.length === 0 ? '' : ` (${conditions.join('; ')})`;
  const whom = but === undefined ? who : `${who}, but not ${but},`;
  const regionsOf = (some: readonly Leg[]): string =>
    keys.length === 1 ? '' : ` in ${listed(some.flatMap(({ region }) => region ?? []))}`;
  const readable = keys.filter((key) => good.includes(key) || key.allows?.includes('kms:Decrypt'));
  if (!isReading(share.actions) && takesReading(share.actions) && readable.length > good.length) {
    const perhaps = keys[0]?.status === 'unknown' ? 'perhaps ' : '';
    return [
      `${whom} may read ${name}${regionsOf(readable)}${own}, but ${perhaps}not do all that is shared${limits}`,
      ...some,
    ].join('; ');
  }
  if (good.length === 0 && keys.length > 0) {
    const isLost = keys.every(({ status }) => status === 'missing');
    return [
      isLost
        ? `${who} may not ${isReading(share.actions) ? what : `${doingAll(share.actions)} ${name}`} yet${limits}`
        : `whether ${whom} may ${what} hangs on its key${limits}`,
      ...some,
    ].join('; ');
  }
  const replicas = good.slice(1);
  if (replicas.length > 0 && good[0] === keys[0] && !isAllOnReplicas(share.actions)) {
    const inReplicas = `, and of that what replicas allow${regionsOf(replicas)}`;
    return [`${whom} may ${what}${regionsOf(good.slice(0, 1))}${own}${inReplicas}${limits}`, ...some].join('; ');
  }
  return [`${whom} may ${what}${good.length === 0 ? '' : regionsOf(good)}${own}${limits}`, ...some].join('; ');
}

const isAllOnReplicas = (actions: readonly string[]): boolean =>
  onReplicas(actions).length === actions.length && !actions.includes(ALL_ACTIONS);

/** Whether what a policy refuses of some actions is reading, be it not all of it. */
const isOfReading = (actions: readonly string[], { detail }: Leg): boolean =>
  isReading(actions) && (detail.includes(GET_SECRET_VALUE) || !detail.includes('(secretsmanager:'));

/** Of several actions it is not said that none can be done. */
const doingAll = (actions: readonly string[]): string =>
  actions.length > 1 ? `do all of ${listed(actions.map(shortly))} on` : doing(actions);

/** The Regions of which a leg speaks, where it is not of all (secret-leg.ts). */
const regionsIn = (leg: Leg | undefined): string[] =>
  / in ([a-z]{2,4}(?:-[a-z]+)+-\d[^)]*)\)/.exec(leg?.detail ?? '')?.[1]?.split(', ') ?? [];

const ownAccount = (leg: Leg | undefined): string => {
  if (leg?.status === 'missing')
    return ` once its ${leg.asOf === undefined ? 'identity' : 'own'} policies are put right`;
  if (leg?.status === 'unknown') return ' once its own account allows it';
  if (leg?.unlessLimitedBy === undefined) return '';
  // What may limit it is told where its boundary is seen.
  const limit = leg.asOf === undefined ? 'a permissions boundary or session policy' : 'a session policy';
  return ` unless ${limit} of its own keeps it out`;
};

function ofKey({ region, status, refuses }: Leg, isPrimary: boolean, actions: readonly string[]): string {
  const key = isPrimary ? 'the key' : 'the replica’s key';
  const where = region === undefined ? '' : `in ${region} `;
  return status === 'unknown'
    ? `${where}it is not known whether ${key} lets it`
    : `${where}${key} does not let it ${keyUsesInWords(refuses ?? keyUsesOf(actions).asked)}`;
}

function ofEffect(change: Summarised): string {
  const { effect, secret, denial, restriction } = change;
  const { gains, loses } = effect;
  const entry = denial ?? restriction;
  const moved = [...lines(gains, 'gain', secret.name), ...lines(loses, 'lose', secret.name)];
  if (moved.length > 0) return moved.join('; ');
  if (entry !== undefined && change.changed) {
    return `nobody gains or loses access to ${secret.name} now by what is said of ${personOf(entry.principal ?? entry.words.who)}`;
  }
  return `nobody gains or loses access to ${secret.name}`;
}

const MOST_NAMED = 3;

/** Those who may do the same under the same conditions together; the first few by name. */
function lines(items: readonly EffectItem[], verb: 'gain' | 'lose', name: string): string[] {
  const alike = Map.groupBy(items, ({ actions, conditions }) => JSON.stringify([actions, conditions]));
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const named = same.slice(0, MOST_NAMED).map(({ principal, except }) => {
      const but =
        except.length === 0
          ? ''
          : ` (but for ${except.slice(0, MOST_NAMED).map(personOf).join(', ')}${except.length > MOST_NAMED ? ' …' : ''})`;
      return `${personOf(principal)}${but}`;
    });
    const more = same.length - named.length;
    const who = more > 0 ? `${named.join(', ')} and ${more} more` : listed(named);
    const words = first.conditions.map((condition) => clause(condition));
    const limits = words.length === 0 ? '' : ` (${words.join('; ')})`;
    const form = same.length === 1 ? `${verb}s` : verb;
    return [`${who} ${form} ${naming(first.actions)} of ${name}${limits}`];
  });
}

/** An account by its number, `*` in words, anybody else by the ARN or id. */
function personOf(name: string): string {
  if (name === '*') return 'everybody else';
  return accountNamed(name) ?? name;
}

const takesReading = (actions: readonly string[]): boolean =>
  actions.includes(GET_SECRET_VALUE) || actions.includes(ALL_ACTIONS);

const isReading = (actions: readonly string[]): boolean =>
  actions.includes(GET_SECRET_VALUE) && actions.every((action) => READ_ACTIONS.some((one) => one === action));

const doing = (actions: readonly string[]): string => {
  if (actions.includes(ALL_ACTIONS)) return 'do everything on';
  return isReading(actions) ? 'read' : `do ${listed(actions.map(shortly))} on`;
};

function naming(actions: readonly string[]): string {
  if (isReading(actions)) return 'reading';
  const names = actions.map(shortly);
  return names.length > 4
    ? `${names.length} actions, ${names.slice(0, MOST_NAMED).join(', ')} … among them,`
    : listed(names);
}

const shortly = (action: string): string => action.replace('secretsmanager:', '');

/** A sentence as a part of another. */
const clause = (sentence: string): string =>
  sentence.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
