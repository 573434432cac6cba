import type { Clock } from '../../clock.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { keyLegInTurns } from '../judge/key/key-leg.ts';
import type { KeyLooks } from '../judge/key/keys.ts';
import { viewKeys } from '../judge/key/view-key.ts';
import { readerOf } from '../judge/reader.ts';
import { placesOf, type Secret, type SecretPlace } from '../secret.ts';
import type { Change, Warning } from '../write/change.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { notGrantable, notGranted, notRenewed, notRevoked, planned } from './grant-warnings.ts';
import { createGrantsAtKey, type Ids, isOfPrincipal, type KeyGrants, type Share } from './grants-at-key.ts';
import { failedAt, isOpen, messageOf, takesKey, warn, withLeg, withPropagation } from './legs-of-change.ts';
import { createGrantRecorder, type GrantedFor, type GrantRecorder } from './record-grant.ts';

/**
 * The key legs, made by us: in each Region of the secret a KMS grant that does for the one principal of a share what the
 * share is for, with this one secret. The grant's name leads back to the share and the change, so that KMS itself is the
 * record of what is granted. It follows the share: a share that stands without its grant is answered, and audited, as
 * half done.
 */
export type KeyGranter = {
  /** After the share stands. Never rejects for what AWS answers: what went wrong is a warning of the change. */
  grant(command: GrantedFor, change: Change): Promise<Change>;
  /** The same for a share that came back. */
  again(command: GrantedFor, change: Change, entry: Entry): Promise<Change>;
  /** After the share took the place of others: what KMS grants for those it grants for this one too. The same. */
  renew(command: GrantedFor, change: Change, old: Ids): Promise<Change>;
  /** After the share is gone, with what was granted to its principal for shares that are gone. The same. */
  revoke(command: GrantedFor, change: Change, entry: Entry): Promise<Change>;
};

export function createKeyGranter(deps: {
  keys: KeyLooks & KeyGrants;
  policies: Pick<SecretPolicies, 'describe'>;
  journal: AuditJournal;
  clock: Clock;
  /** Grants on the keys of a secret were made or revoked, or may have been. */
  noteGrants(secret: Secret): void;
}): KeyGranter {
  const { keys, policies, clock } = deps;
  const record = createGrantRecorder(deps.journal);
  const recorded: GrantRecorder = (command, secret, ...what) =>
    record(command, secret, ...what).finally(() => deps.noteGrants(secret));
  const atKey = createGrantsAtKey(keys, recorded, clock);

  async function grantEverywhere(command: GrantedFor, change: Change, share: Share): Promise<Change> {
    try {
      const secret = await policies.describe(change.secret.arn);
      const reader = readerOf(share.principal, secret.partition);
      let answer = change;
      for (const view of await viewKeys(keys, secret, share.actions, clock())) {
        const { leg } = await keyLegInTurns(view, reader, command.requester.identity);
        // Others may have made or revoked a grant since the change looked at the key.
        if (!isOpen(leg)) answer = withLeg(answer, leg);
        // A key that a statement would not open is not opened by a grant either.
        else if (leg.statement === undefined) answer = warn(answer, notGranted(change, view.place, leg.detail));
        else {
          answer = await atKey.grantAt(command, secret, share, view).then(
            async (granted) => {
              const now = await keyLegInTurns(granted, reader, command.requester.identity);
              return warn(withLeg(answer, now.leg), ...planned(change, view.place));
            },
            (error) => failedAt(answer, view.place, leg, error),
          );
        }
      }
      return withPropagation(answer);
    } catch (error) {
      return warn(change, notGranted(change, null, messageOf(error)));
    }
  }

  /** What goes wrong in one Region is said, and the others are gone on with. */
  async function wherever(
    change: Change,
    failed: (place: SecretPlace | null, why: string) => Warning,
    work: (secret: Secret, each: (place: SecretPlace, done: Promise<void>) => Promise<void>) => Promise<void>,
  ): Promise<Change> {
    let answer = change;
    try {
      await work(await policies.describe(change.secret.arn), (place, done) =>
        done.catch((error) => {
          answer = warn(answer, failed(place, messageOf(error)));
        }),
      );
    } catch (error) {
      return warn(change, failed(null, messageOf(error)));
    }
    return answer;
  }

  return {
    async grant(command, change) {
      const { share } = change;
      if (share === undefined || !change.legs.some(takesKey)) return change;
      if (isOfPrincipal(share)) return grantEverywhere(command, change, share);
      return change.legs.some(isOpen) ? warn(change, notGrantable) : change;
    },

    async again(command, change, entry) {
      return isOfPrincipal(entry) && !change.dryRun ? grantEverywhere(command, change, entry) : change;
    },

    async renew(command, change, old) {
      const { share } = change;
      if (share === undefined || !isOfPrincipal(share) || change.dryRun || !change.changed) return change;
      return wherever(change, notRenewed, async (secret, each) => {
        const views = await viewKeys(keys, secret, share.actions, clock());
        for (const view of views) await each(view.place, atKey.renewAt(command, secret, share, old, view));
      });
    },

    async revoke(command, change, entry) {
      if (entry.kind !== 'share' || !isOfPrincipal(entry) || change.dryRun || !change.changed) return change;
      return wherever(change, notRevoked, async (secret, each) => {
        const standing = new Set(entriesOf(parse(change.policy, secret.partition), 'share').map(({ id }) => id));
        for (const place of placesOf(secret))
          await each(place, atKey.revokeAt(command, secret, entry, place, standing));
      });
    },
  };
}
