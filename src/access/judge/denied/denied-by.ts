import { listed } from '../../../english.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { entriesOf } from '../../../policy/entries/edit.ts';
import type { Entry } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import type { StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import { statementName } from '../../../policy/statement-name.ts';
import { secretUrl } from '../../../secret-url.ts';
import type { Secret } from '../../secret.ts';
import type { Warning } from '../../write/change.ts';
import { hangsOn } from '../dependency.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import { entriesBehind, namesOf } from './denials-named.ts';

/**
 * What stands against a share: the statements that deny, or may deny, some of it, and the calls that take ours away.
 * @param isConditional whether the verdict is of no other calls than those that meet the share's conditions
 */
export function deniedByWarnings(
  secret: Secret,
  policy: PolicyDocument | null,
  { left, parts, exceptions }: SecretVerdict,
  isConditional: boolean,
): Warning[] {
  const found = [
    ...parts.map(({ action, evaluation }) => ({ who: left.name, actions: [action], because: evaluation.because })),
    ...exceptions.map(({ principal, because }) => ({ who: principal, actions: [], because })),
  ];
  const denials = found.flatMap(({ who, actions, because }) =>
    because.filter(({ effect }) => effect === 'Deny').map((denial) => ({ who, actions, denial })),
  );
  if (denials.length === 0) return [];
  const ours = entriesOf(parse(policy, secret.partition));
  const byStatement = Map.groupBy(denials, ({ who, denial }) => `${who} ${statementName(denial.statement)}`);
  return [...byStatement.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const actions = [...new Set(same.flatMap((one) => one.actions))];
    return [{ code: 'denied-by', message: sentence(secret, ours, { ...first, actions }, isConditional) }];
  });
}

function sentence(
  secret: Secret,
  ours: readonly Entry[],
  { who, actions, denial }: { who: string; actions: readonly string[]; denial: StatementVerdict },
  isConditional: boolean,
): string {
  const { statement, applies } = denial;
  const entries = entriesBehind(ours, statement, who);
  const name = listed(namesOf(statement, entries));
  const what = actions.length === 0 ? '' : ` ${actions.join(', ')}`;
  const which = isConditional && statement.Condition !== undefined ? ' in the calls that the share is for' : '';
  const surely = entries.length > 1 ? 'deny' : 'denies';
  const verb = applies === 'yes' ? surely : 'may deny';
  const on = applies === 'yes' ? [] : hangsOn([denial]);
  const calls = entries.map((entry) => callAgainst(secret, entry));
  const takenAway = calls.length === 0 ? [] : [`It is ours: ${calls.join(' or ')} takes it away.`];
  return [`${name[0]?.toUpperCase()}${name.slice(1)} ${verb} ${who}${what}${which}.`, ...on, ...takenAway].join(' ');
}

const LISTS = { share: 'shares', denial: 'denials', restriction: 'restrictions' } as const;

/** The call that takes one of our entries away. */
const callAgainst = ({ name }: Secret, { kind, id }: Entry): string =>
  `DELETE ${secretUrl(name, `/${LISTS[kind]}/${id}`)}`;
