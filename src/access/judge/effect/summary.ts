import { GET_SECRET_VALUE, READ_ACTIONS } from '../../../policy/actions.ts';
import type { EntryInWords } from '../../../policy/entries/words.ts';
import { accountNamed } from '../../../policy/principal.ts';
import type { Leg } from '../legs/leg.ts';
import { isAllowed, isOfItsCalls } from '../legs/secret-leg.ts';
import type { Effect, EffectItem } from './effect.ts';

/** What a summary is of: a change as its answer has it. */
export type Summarised = {
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
  return `${start}${sentence}.`;
}

function ofShare({ secret: { name }, legs }: Summarised, share: EntryInWords): string {
  const who = personOf(share.principal ?? share.words.who);
  const what = `${doing(share.actions)} ${name}`;
  const policy = legs.find(({ leg }) => leg === 'secretPolicy');
  const lost = regionsIn(policy);
  if (policy?.status === 'missing') {
    // Where it is not so everywhere, the statements are those of some Regions only.
    return `${who} ${lost.length === 0 ? 'may not' : 'cannot everywhere'} ${what}: ${clause(policy.detail)}`;
  }
  if (policy !== undefined && isOfItsCalls(policy)) {
    return `whether ${who} may ${what} hangs on the call: ${clause(policy.detail)}`;
  }
  const keys = legs.filter(({ leg }) => leg === 'keyPolicy');
  const good = keys.filter(({ status }) => status === 'done' || status === 'notNeeded');
  const some =
    keys.length === good.length
      ? []
      : keys.filter((key) => !good.includes(key)).map((key) => ofKey(key, key === keys[0]));
  const own = ownAccount(legs.find(({ leg }) => leg === 'identityPolicy'));
  const but = /, but not (.*)\.$/.exec(policy?.detail ?? '')?.[1];
  const conditions = [
    ...(policy?.status === 'unknown' && !isAllowed(policy)
      ? ['where no condition of the policy stands against it']
      : []),
    ...share.words.conditions,
  ];
  const limits = conditions.length === 0 ? '' : ` (${conditions.join('; ')})`;
  const whom = but === undefined ? who : `${who}, but not ${but},`;
  if (good.length === 0 && keys.length > 0) {
    const isLost = keys.every(({ status }) => status === 'missing');
    return [
      isLost ? `${whom} may not ${what} yet${limits}` : `whether ${whom} may ${what} hangs on its key${limits}`,
      ...some,
    ].join('; ');
  }
  const where = keys.length === 1 ? [] : good.flatMap(({ region }) => region ?? []);
  const regions = where.length === 0 ? '' : ` in ${listed(where)}`;
  return [`${whom} may ${what}${regions}${own}${limits}`, ...some].join('; ');
}

/** The Regions of which a leg speaks, where it is not of all (secret-leg.ts). */
const regionsIn = (leg: Leg | undefined): string[] =>
  / in ([a-z]{2,4}(?:-[a-z]+)+-\d[^)]*)\)/.exec(leg?.detail ?? '')?.[1]?.split(', ') ?? [];

const ownAccount = (leg: Leg | undefined): string => {
  if (leg?.status === 'missing') return ' once its identity policies are put right';
  return leg?.status === 'unknown' ? ' once its own account allows it' : '';
};

function ofKey({ region, status }: Leg, isPrimary: boolean): string {
  const key = isPrimary ? 'the key' : 'the replica’s key';
  const where = region === undefined ? '' : `in ${region} `;
  return status === 'unknown'
    ? `${where}it is not known whether ${key} lets it`
    : `${where}${key} does not let it decrypt`;
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

const isReading = (actions: readonly string[]): boolean =>
  actions.includes(GET_SECRET_VALUE) && actions.every((action) => READ_ACTIONS.some((one) => one === action));

const doing = (actions: readonly string[]): string =>
  isReading(actions) ? 'read' : `do ${listed(actions.map((action) => action.replace('secretsmanager:', '')))} on`;

function naming(actions: readonly string[]): string {
  if (isReading(actions)) return 'reading';
  const names = actions.map((action) => action.replace('secretsmanager:', ''));
  return names.length > 4
    ? `${names.length} actions, ${names.slice(0, MOST_NAMED).join(', ')} … among them,`
    : listed(names);
}

const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;

/** A sentence as a part of another. */
const clause = (sentence: string): string =>
  sentence.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
