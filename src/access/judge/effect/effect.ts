import { BATCH_GET, mayNameStage, secretActions } from '../../../policy/actions.ts';
import { accountIn } from '../../../policy/arn.ts';
import { changedStatements } from '../../../policy/changes/changed-statements.ts';
import { asArray, type PolicyDocument, statementsOf } from '../../../policy/document.ts';
import { type Budget, type InTurns, isDue, isSpent, spend } from '../../../policy/evaluate/budget.ts';
import { includes, namesOf } from '../../../policy/evaluate/names.ts';
import { appliesToAction } from '../../../policy/evaluate/statement.ts';
import { accountNamed, parsePrincipal } from '../../../policy/principals/principal.ts';
import { TOO_MUCH } from '../dependency.ts';
import { type Reader, type ReaderKind, readerOf, withPath } from '../reader.ts';
import { type Apart, classesOf, type Focus, membersOf, toldApart, without } from '../told-apart.ts';
import { likenesses } from './alike.ts';
import type { Transition } from './moves.ts';
import { type ToldMoves, toldMoves, type Way } from './scenes.ts';

/** Some actions that a set of callers gains or loses, less `except`; `conditions` in words, all of which must hold. */
export type EffectItem = {
  principal: string;
  kind: ReaderKind;
  actions: string[];
  conditions: string[];
  except: string[];
};
export type Effect = { gains: EffectItem[]; loses: EffectItem[] };

export const NO_EFFECT: Effect = { gains: [], loses: [] };

/** All that one secret's policy can grant: BatchGetSecretValue is none of them. */
const ACTIONS = secretActions.filter((action) => action !== 'secretsmanager:*' && action !== BATCH_GET);

/**
 * Who gains and who loses what by a change, judged on the policies before and after for every set of callers that either
 * of them tells apart. What identity policies allow on their own is no gain.
 */
export function* effectOf(transition: Transition): InTurns<Effect> {
  const { before, after, secret } = transition;
  const { gone, fresh } = changedStatements(before, after);
  const changed = [gone, fresh].filter((document) => statementsOf(document).length > 0);
  if (changed.length === 0) return NO_EFFECT;
  const focus = accountsTouched(changed);
  const found = toldApart([before, after], secret.partition, focus);
  const own =
    focus === null || focus.has(secret.account) ? [`arn:${secret.partition}:iam::${secret.account}:root`] : [];
  const apart = { ...found, accounts: [...new Set([...found.accounts, ...own])] };
  const { budget } = transition;
  const groups = actionGroups([before, after], budget);
  const likenessOf = likenesses([before, after], secret.account, budget);
  const unjudged = [{ actions: ACTIONS, moves: { gains: perhaps(fresh, gone), loses: perhaps(gone, fresh) } }];
  const movesOf = toldMoves({ transition, changed });
  const known = new Map<string, Look>();
  function* look(some: Reader): InTurns<Look> {
    if (isSpent(budget)) return unjudged;
    if (isDue(budget)) yield;
    spend(budget, STEPS_OF_READER);
    const reader = withPath(some, [before, after]);
    const likeness = `${likenessOf(reader)} ${JSON.stringify(reader.context)}`;
    const found = known.get(likeness);
    if (found !== undefined) return found;
    const moves: Look = [];
    for (const { actions } of groups) moves.push({ actions, moves: yield* movesOf(reader, actions[0] ?? '') });
    known.set(likeness, moves);
    return moves;
  }
  const looks: { reader: Reader; moves: Look }[] = [];
  for (const reader of classesOf(apart, secret.partition, focus)) looks.push({ reader, moves: yield* look(reader) });
  const exceptOf = exceptFor({ apart, partition: secret.partition, budget, lookAt: look });
  function* items(way: Way): InTurns<EffectItem[]> {
    const found: EffectItem[] = [];
    for (const { reader, moves } of looks) found.push(...(yield* itemsOf(way, reader, moves, exceptOf)));
    return withoutCovered(found);
  }
  return { gains: yield* items('gains'), loses: yield* items('loses') };
}

/** To arrange who is looked at takes as long as to compare so many characters. */
const STEPS_OF_READER = 500;

const UNJUDGED = `The policy’s ${TOO_MUCH}.`;

/** What is said of whom no work is left for: that may be, where an Allow is new or a Deny gone. */
const perhaps = (fresh: PolicyDocument, gone: PolicyDocument): string[][] =>
  has(fresh, 'Allow') || has(gone, 'Deny') ? [[UNJUDGED]] : [];

const has = (document: PolicyDocument, effect: 'Allow' | 'Deny'): boolean =>
  statementsOf(document).some(({ Effect }) => Effect === effect);

/** The accounts of those whom changed statements can be about; null where that may be anybody. */
function accountsTouched(changed: readonly PolicyDocument[]): Focus {
  const names = changed
    .flatMap(statementsOf)
    .map(({ Principal }) =>
      Principal === undefined || Principal === '*' || Principal.AWS === undefined || Object.keys(Principal).length > 1
        ? ['*']
        : asArray(Principal.AWS),
    );
  const accounts = names.flat().map((name) => accountNamed(name) ?? parsePrincipal(name)?.account);
  const known = accounts.filter((account) => account !== undefined);
  return known.length === accounts.length ? new Set(known) : null;
}

type Group = { actions: string[] };
type Look = { actions: string[]; moves: ToldMoves }[];

/** Actions that no statement tells apart are judged once. */
function actionGroups(policies: readonly (PolicyDocument | null)[], budget: Budget): Group[] {
  const statements = policies.flatMap(statementsOf);
  const signature = (action: string) =>
    statements.map((statement) => appliesToAction(statement, action, budget)).join() + mayNameStage(action);
  return [...Map.groupBy(ACTIONS, signature).values()].map((actions) => ({ actions }));
}

/** A set's items: of each conditions one. */
function* itemsOf(way: Way, reader: Reader, look: Look, exceptOf: ExceptOf): InTurns<EffectItem[]> {
  const moved = look.flatMap(({ actions, moves }) => moves[way].map((conditions) => ({ actions, conditions })));
  const items: EffectItem[] = [];
  for (const same of Map.groupBy(moved, ({ conditions }) => conditions.join('\n')).values()) {
    const actions = ACTIONS.filter((action) => same.some((one) => one.actions.includes(action)));
    const conditions = same[0]?.conditions ?? [];
    const { name: principal, kind } = reader;
    items.push({ principal, kind, actions, conditions, except: yield* exceptOf(way, reader, actions, conditions) });
  }
  return items;
}

type ExceptOf = (
  way: Way,
  reader: Reader,
  actions: readonly string[],
  conditions: readonly string[],
) => InTurns<string[]>;

/**
 * Those within a set who do not move alike: judged as what they are within it. Once the budget is spent all of them, since each is
 * told by itself; of what may be, nobody is excepted.
 */
function exceptFor({ apart, partition, budget, lookAt }: Looking): ExceptOf {
  const known = new Map<string, readonly Reader[]>();
  const within = ({ name }: Reader): readonly Reader[] => {
    const members = known.get(name) ?? membersOf(readerOf(name, partition), apart, partition);
    known.set(name, members);
    return members;
  };
  function* movesAlike(way: Way, member: Reader, actions: readonly string[], told: string): InTurns<boolean> {
    spend(budget, STEPS_OF_READER);
    const look = yield* lookAt(without(member, within(member)));
    const alike = look.flatMap(({ actions: some, moves }) =>
      moves[way].some((own) => own.join('\n') === told) ? some : [],
    );
    return actions.every((action) => alike.includes(action));
  }
  return function* (way, reader, actions, conditions) {
    const told = conditions.join('\n');
    if (told === UNJUDGED) return [];
    const excepted: string[] = [];
    for (const member of within(reader)) {
      if (isSpent(budget) || !(yield* movesAlike(way, member, actions, told))) excepted.push(member.name);
    }
    return excepted;
  };
}

type Looking = { apart: Apart; partition: string; budget: Budget; lookAt(reader: Reader): InTurns<Look> };

/** Leaves out whoever is of a set that moves alike and is not excepted from it. */
function withoutCovered(items: readonly EffectItem[]): EffectItem[] {
  const everybody = items.filter(({ kind }) => kind === 'everyone');
  const accounts = Map.groupBy(items, ({ kind, principal }) => (kind === 'account' ? accountIn(principal) : null));
  const widerThan = ({ kind, principal }: EffectItem): readonly EffectItem[] =>
    kind === 'everyone' || kind === 'service'
      ? []
      : [...everybody, ...(kind === 'account' ? [] : (accounts.get(accountIn(principal)) ?? []))];
  const isCovered = (item: EffectItem): boolean =>
    widerThan(item).some(
      (wider) =>
        item.actions.every((action) => wider.actions.includes(action)) &&
        wider.conditions.join('\n') === item.conditions.join('\n') &&
        holds(wider, item),
    );
  return items.filter((item) => !isCovered(item));
}

/** Whether an item speaks of a set that another is of, as far as their names tell. */
function holds({ kind, except }: EffectItem, item: EffectItem): boolean {
  if (includes(namesOf(except), item.principal)) return false;
  // Whether somebody is of an organization that is excepted, no name tells.
  return kind === 'account' || !except.some((name) => name.startsWith('o-'));
}
