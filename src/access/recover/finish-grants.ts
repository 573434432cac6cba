import type { AuditEvent } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { entriesOf, without } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { DomainError } from '../../problems/problem.ts';
import type { GrantsDue } from '../grants/grants-due.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { lackingGrants, withoutHeirs } from '../grants/lacking-grants.ts';
import type { GrantedFor } from '../grants/record-grant.ts';
import { SYSTEM } from '../identity.ts';
import type { KeyLooks } from '../judge/key/keys.ts';
import type { Secret } from '../secret.ts';
import type { Change } from '../write/change.ts';
import { eachPlaceAtOnce } from '../write/each-place.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import type { SecretLock } from '../write/secret-lock.ts';
import { ifGone, type SecretPolicies } from '../write/secret-policies.ts';
import type { ChangeEvents } from './change-events.ts';
import { asksForGrants, type ChangeResumer } from './resume-change.ts';

/** Milliseconds: longer than a change and its grants may take. */
const LONG_OVER = 60_000;
const CHANGES_A_TURN = 100;

/**
 * What a process that died left undone of key grants: those of shares that are gone are revoked, and of a share that stands without the
 * grant that was asked for the audit log says so. It makes none: who asked is known by what is stored alone.
 */
export function createGrantFinisher(deps: {
  due: GrantsDue;
  resumeChange: ChangeResumer;
  events: Pick<ChangeEvents, 'eventsOfChange'>;
  policies: Pick<SecretPolicies, 'get' | 'describe'>;
  granter: Pick<KeyGranter, 'revoke'>;
  keys: KeyLooks;
  journal: Pick<AuditJournal, 'append'>;
  lock: SecretLock;
  clock: Clock;
  isWorkedFor(secretArn: string): Promise<boolean>;
  onFailure(secretArn: string, error: unknown): void;
}): { run(): Promise<number> } {
  const { due, policies, granter } = deps;

  /** @returns false where a grant may be left */
  async function finish(changeId: string, secretArn: string): Promise<boolean> {
    if (!(await deps.isWorkedFor(secretArn))) return true;
    const events = await deps.events.eventsOfChange(changeId);
    const made = await deps.resumeChange(changeId, events);
    const secret = made && (await policies.describe(secretArn).catch(ifGone));
    // A row that somebody wrote may name another secret than the change's.
    if (made === null || secret === null || made.secret.arn !== secretArn) return true;
    const policy = await policies.get(secretArn);
    const standing = entriesOf(parse(policy, secret.partition), 'share');
    const gone = without(entriesOf(parse(made.before, secret.partition), 'share'), standing);
    let answer: Change = { ...made, policy, warnings: [] };
    for (const entry of withoutHeirs(gone, standing))
      answer = await granter.revoke(commandFor(changeId), answer, entry);
    const [intent] = events;
    if (intent !== undefined && asksForGrants(intent)) await sayWhatLacks(intent, secret, made, standing);
    return answer.warnings.length === 0;
  }

  async function sayWhatLacks(intent: AuditEvent, secret: Secret, made: Change, standing: Entry[]): Promise<void> {
    const share = standing.find(({ id }) => id === made.share?.id);
    if (share?.principal === undefined) return;
    for (const { region } of await lackingGrants(deps.keys, secret, share, deps.clock())) {
      const said = { ...commandFor(intent.changeId), action: 'createGrant' as const };
      const request = { principal: share.principal, region };
      await deps.journal.append([
        draft(secret, { ...said, request }, 'intent', {}),
        draft(secret, { ...said, request }, 'outcome', { outcome: 'failed', error: UNFINISHED }),
      ]);
    }
  }

  return {
    run: async () => {
      const before = new Date(deps.clock().getTime() - LONG_OVER);
      if ((await due.notedBefore(before, 1)).length === 0) return 0;
      return deps.lock.withLock('chore:grants', async () => {
        const changes = await due.notedBefore(before, CHANGES_A_TURN);
        await eachPlaceAtOnce(
          changes,
          ({ secretArn }) => secretArn,
          async ({ changeId, secretArn }) => {
            const isDone = await finish(changeId, secretArn).catch((error) => {
              deps.onFailure(secretArn, error);
              return error instanceof DomainError && error.code === 'secret-not-found';
            });
            await due.done(changeId);
            // After the others, and no sooner than one that is new.
            if (!isDone) await due.note(secretArn, [changeId], deps.clock());
          },
        );
        return changes.length;
      });
    },
  };
}

const UNFINISHED = {
  code: 'reconciled',
  message: 'The process ended before the key grant was made: repeat the share with complete: true.',
};

const commandFor = (changeId: string): GrantedFor => ({
  ...{ changeId, requester: SYSTEM, dryRun: false },
  ...{ reason: 'a process ended before it was done', ticket: null },
});
