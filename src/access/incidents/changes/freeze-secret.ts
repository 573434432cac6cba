import type { Clock } from '../../../clock.ts';
import { GET_SECRET_VALUE } from '../../../policy/actions.ts';
import { withIncident } from '../../../policy/incident-statement.ts';
import type { CommandBase } from '../../commands/command.ts';
import { guardContext } from '../../guard/guard-context.ts';
import type { ChangeCommand } from '../../write/change.ts';
import { denialsOf } from './denials.ts';
import { assertRoomToDeny } from './room.ts';

/** Denies reading to everybody but the exceptions, whatever allows it. The command throws policy-too-large, with what may go. */
export function freezeSecret(
  base: CommandBase,
  { incident, except }: { incident: string; except: readonly string[] },
  { clock }: { clock: Clock },
): ChangeCommand {
  return {
    ...base,
    action: 'freeze',
    request: { incident, except },
    guard: { action: 'freeze', context: guardContext({ actions: [GET_SECRET_VALUE] }) },
    // Nobody is locked out by a Deny of reading: AWS need not be asked.
    validate: false,
    edit(view, secret) {
      const frozen = withIncident(view, incident, denialsOf({ action: 'freeze', except }, secret));
      assertRoomToDeny(view, frozen, clock());
      return { view: frozen };
    },
  };
}
