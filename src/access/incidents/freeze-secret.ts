import type { Clock } from '../../clock.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { renderDeny } from '../../policy/entries/templates/restriction-statement.ts';
import { withIncident } from '../../policy/incident-statement.ts';
import { parsePrincipal } from '../../policy/principal.ts';
import type { CommandBase } from '../commands/command.ts';
import { guardContext } from '../guard/guard-context.ts';
import type { ChangeCommand } from '../write/change.ts';
import { assertRoomToDeny } from './room.ts';

/** The same as a restriction to the exceptions; AWS services that call by themselves are none of those whom it denies. */
const BOUNDARY = { parameter: 'principals', outside: null, network: false };

/** Denies reading to everybody but the exceptions, whatever allows it. The command throws policy-too-large, with what may go. */
export function freezeSecret(
  base: CommandBase,
  { incident, except }: { incident: string; except: readonly string[] },
  { clock }: { clock: Clock },
): ChangeCommand {
  const actions = [GET_SECRET_VALUE];
  return {
    ...base,
    action: 'freeze',
    request: { incident, except },
    guard: { action: 'freeze', context: guardContext({ actions }) },
    // Nobody is locked out by a Deny of reading: AWS need not be asked.
    validate: false,
    edit(view, { partition }) {
      const principals = except.map((name) => parsePrincipal(name, partition)?.arn ?? name);
      const frozen = withIncident(view, incident, renderDeny(BOUNDARY, { principals, actions }));
      assertRoomToDeny(view, frozen, clock());
      return { view: frozen };
    },
  };
}
