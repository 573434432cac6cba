import type { Clock } from '../../../clock.ts';
import { ALL_ACTIONS } from '../../../policy/actions.ts';
import { parseArn } from '../../../policy/arn.ts';
import { statementsOf } from '../../../policy/document.ts';
import { compile, type PolicyView } from '../../../policy/entries/compile.ts';
import { entriesOf, removeEntry, without } from '../../../policy/entries/edit.ts';
import { type Entry, parametersOf } from '../../../policy/entries/entry.ts';
import { parse } from '../../../policy/entries/parse.ts';
import { templateNamed } from '../../../policy/entries/templates/index.ts';
import { withIncident } from '../../../policy/incident-statement.ts';
import type { CommandBase } from '../../commands/command.ts';
import type { KeyGranter } from '../../grants/key-granter.ts';
import { accountOf, guardContext } from '../../guard/guard-context.ts';
import { namesIn } from '../../judge/reader.ts';
import type { Change, ChangeCommand, Warning } from '../../write/change.ts';
import { isOf } from '../evicted.ts';
import type { Evicted } from '../incident.ts';
import { denialsOf } from './denials.ts';
import { assertRoomToDeny } from './room.ts';

/**
 * Denies somebody everything, and takes its shares, by one write; then the key grants that went with them. The command
 * throws policy-too-large, with what may go.
 */
export function evictPrincipal(
  base: CommandBase,
  { incident, evicted }: { incident: string; evicted: Evicted },
  { granter, clock }: { granter: KeyGranter; clock: Clock },
): ChangeCommand {
  const subject = 'account' in evicted ? { account: evicted.account } : { principal: evicted.principal };
  const command: ChangeCommand = {
    ...base,
    action: 'evict',
    request: { incident, ...evicted },
    guard: { action: 'evict', context: guardContext({ ...subject, actions: [ALL_ACTIONS] }) },
    validate: true,
    edit(view, secret) {
      const taken = sharesOf(view, evicted);
      const left = taken.reduce<PolicyView>((policy, { id }) => removeEntry(policy, id).view, view);
      const denied = withIncident(left, incident, denialsOf({ action: 'evict', evicted }, secret));
      assertRoomToDeny(view, denied, clock());
      return { view: denied, warnings: unchecked(view, evicted) };
    },
    async afterwards(change) {
      let answer = change;
      for (const entry of takenBy(change)) answer = await granter.revoke(command, answer, entry);
      return answer;
    },
  };
  return command;
}

/** Of a Deny by the condition aws:PrincipalArn AWS checks no name: a misspelt one would stand, and deny nobody. */
function unchecked(view: PolicyView, evicted: Evicted): Warning[] {
  if ('account' in evicted) return [];
  const { principal } = evicted;
  if (statementsOf(compile(view)).some((statement) => namesIn(statement).some((name) => isOf(name, principal))))
    return [];
  const message =
    `AWS does not check that there is a ${principal}, and nothing in this policy named it before: compare it with what IAM shows, ` +
    'letter by letter.';
  return [{ code: 'principal-not-checked', message }];
}

/** The shares that a change took. */
export function takenBy({ secret, before, policy }: Pick<Change, 'before' | 'policy'> & { secret: { arn: string } }) {
  const { partition = 'aws' } = parseArn(secret.arn) ?? {};
  const [had, has] = [before, policy].map((document) => entriesOf(parse(document, partition), 'share'));
  return without(had ?? [], has ?? []);
}

export const sharesOf = (view: PolicyView, evicted: Evicted): Entry[] =>
  entriesOf(view, 'share').filter((entry) => {
    const template = templateNamed(entry.template);
    const subject = template?.subject(parametersOf(entry, template)) ?? {};
    if ('account' in evicted) return accountOf(subject) === evicted.account;
    const { principal } = subject;
    return principal !== undefined && isOf(principal, evicted.principal);
  });
