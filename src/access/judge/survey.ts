import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { entryId, OUR_SID } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type Budget, type InTurns, isDue, spend } from '../../policy/evaluate/budget.ts';
import { appliesToAction } from '../../policy/evaluate/statement.ts';
import type { Secret } from '../secret.ts';
import { namesIn, type Reader, readerOf } from './reader.ts';
import { type Apart, toldApart } from './told-apart.ts';

/** Where a statement stands in the attached policy; whole statements would repeat every principal for each of them. */
export type StatementPlace = { index: number; sid: string | null };

/** A policy, read for who may read the value. */
export type Survey = {
  secret: Secret;
  policy: PolicyDocument | null;
  now: Date;
  apart: Apart;
  budget: Budget;
  /** Names, and the statements that speak of them. */
  allowed: Map<string, Statement[]>;
  denied: Map<string, Statement[]>;
  place(statement: Statement): StatementPlace;
  entryIds(reader: Reader, statements: readonly Statement[]): string[];
};

/** To read whom a statement names takes as long as to compare so many characters. */
const STEPS_OF_NAME = 50;

export function* surveyOf(secret: Secret, policy: PolicyDocument | null, now: Date, budget: Budget): InTurns<Survey> {
  const statements = statementsOf(policy);
  const ours = new Set(entriesOf(parse(policy, secret.partition)).map(({ id }) => id));
  function* byName(effect: Statement['Effect']): InTurns<Map<string, Statement[]>> {
    const found = new Map<string, Statement[]>();
    for (const statement of statements) {
      if (isDue(budget)) yield;
      if (statement.Effect !== effect || appliesToAction(statement, GET_SECRET_VALUE, budget) === 'no') continue;
      const names = namesIn(statement);
      spend(budget, names.length * STEPS_OF_NAME);
      for (const raw of names) {
        const { name } = readerOf(raw, secret.partition);
        const known = found.get(name);
        if (known === undefined) found.set(name, [statement]);
        else if (known.at(-1) !== statement) known.push(statement);
      }
    }
    return found;
  }
  return {
    secret,
    policy,
    now,
    apart: toldApart([policy], secret.partition),
    budget,
    allowed: yield* byName('Allow'),
    denied: yield* byName('Deny'),
    place: placesIn(policy),
    entryIds: ({ name, kind, caller }, some) => {
      const members = [kind === 'everyone' ? null : name, ...accountNames(kind, caller.account, secret.partition)];
      const ids = some.flatMap(({ Sid = '' }) => {
        const sid = OUR_SID.exec(Sid)?.[1];
        return sid === undefined ? [] : members.map((member) => entryId(sid, member));
      });
      return [...new Set(ids)].filter((id) => ours.has(id));
    },
  };
}

/** Where a statement stands in its policy. */
export function placesIn(policy: PolicyDocument | null): (statement: Statement) => StatementPlace {
  const places = new Map(statementsOf(policy).map((statement, index) => [statement, index]));
  return (statement) => ({ index: places.get(statement) ?? -1, sid: statement.Sid ?? null });
}

/** An entry's member may be the account: of those about all of it, and of those about its permission sets. */
function accountNames(kind: Reader['kind'], account: string, partition: string): string[] {
  if (kind === 'account') return [account];
  return kind === 'permissionSet' ? [`arn:${partition}:iam::${account}:root`] : [];
}
