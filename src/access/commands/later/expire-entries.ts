import type { Clock } from '../../../clock.ts';
import type { PolicyView } from '../../../policy/entries/compile.ts';
import { entriesOf, removeEntry } from '../../../policy/entries/edit.ts';
import { type Entry, isExpired } from '../../../policy/entries/entry.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { KeyGranter } from '../../grants/key-granter.ts';
import { withoutHeirs } from '../../grants/lacking-grants.ts';
import { SYSTEM } from '../../identity.ts';
import type { ChangeCommand } from '../../write/change.ts';
import type { PolicyChanger } from '../../write/change-policy.ts';
import { eachPlaceAtOnce } from '../../write/each-place.ts';
import type { SecretLock } from '../../write/secret-lock.ts';
import type { FollowUps } from './follow-ups.ts';

const SECRETS_A_TURN = 100;
/** Until a secret that could not be changed is tried again: others come first. */
const AGAIN_AFTER_MS = 5 * 60_000;

/**
 * Takes expired entries out of policies. AWS stopped honouring them at the second they expired (the condition
 * `aws:CurrentTime`); this only makes room. One replica at a time does it. Where it works, and for whom, is not the
 * database's to say: in other accounts no role is assumed.
 * @returns how many secrets were looked at
 */
export function createSweeper(deps: {
  policyChanger: Pick<PolicyChanger, 'change'>;
  granter: KeyGranter;
  followUps: FollowUps;
  lock: SecretLock;
  clock: Clock;
  newChangeId(): string;
  isWorkedFor(secretArn: string): Promise<boolean>;
  onFailure(secretArn: string, error: unknown): void;
}): { run(): Promise<number> } {
  const { policyChanger, followUps, clock } = deps;

  async function sweep(secretArn: string): Promise<void> {
    const until = clock();
    try {
      if (await deps.isWorkedFor(secretArn)) await policyChanger.change(expireEntries(secretArn, until, deps));
    } catch (error) {
      // Nothing can be, or need be, taken out of such a secret any more.
      if (!(error instanceof DomainError) || error.refuses !== 'secret') {
        deps.onFailure(secretArn, error);
        await followUps.noteExpiries(secretArn, [new Date(until.getTime() + AGAIN_AFTER_MS)]);
      }
    }
    await followUps.forgetExpiries(secretArn, until);
  }

  return {
    run: async () => {
      const due = await followUps.expired(clock(), SECRETS_A_TURN);
      if (due.length === 0) return 0;
      return deps.lock.withLock('chore:expire', async () => {
        const secrets = await followUps.expired(clock(), SECRETS_A_TURN);
        await eachPlaceAtOnce(secrets, (secretArn) => secretArn, sweep);
        return due.length;
      });
    },
  };
}

function expireEntries(
  secretArn: string,
  until: Date,
  deps: { newChangeId(): string; granter: KeyGranter },
): ChangeCommand {
  const expired: Entry[] = [];
  let standing: Entry[] = [];
  const command: ChangeCommand = {
    changeId: deps.newChangeId(),
    requester: SYSTEM,
    secretId: secretArn,
    action: 'expire',
    request: { until: until.toISOString() },
    guard: { action: 'revokeShare', context: { escalates: false } },
    reason: 'expired',
    ticket: null,
    ifMatch: null,
    dryRun: false,
    validate: false,
    background: true,
    edit(view) {
      const ended = entriesOf(view).filter((entry) => isExpired(entry, until));
      expired.splice(0, expired.length, ...ended);
      const left = ended.reduce<PolicyView>((some, { id }) => removeEntry(some, id).view, view);
      standing = entriesOf(left, 'share');
      return { view: left };
    },
    owesGrants: true,
    async afterwards(change) {
      let answer = change;
      for (const entry of withoutHeirs(expired, standing)) answer = await deps.granter.revoke(command, answer, entry);
      return answer;
    },
  };
  return command;
}
