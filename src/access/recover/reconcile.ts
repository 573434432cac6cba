import type { AuditEvent, AuditOutcome } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { parseArn } from '../../policy/arn.ts';
import type { Keys } from '../judge/key/keys.ts';
import { eachPlaceAtOnce } from '../write/each-place.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import type { SecretLock } from '../write/secret-lock.ts';
import type { ChangeEvents } from './change-events.ts';
import { type IntentSettler, isAboutPolicy, outcomeOf } from './settle-intents.ts';

export type Reconciler = {
  /** One pass over all secrets that have open intents. @returns how many intents got their outcome */
  run(): Promise<number>;
  /** The same for one secret, now. */
  settle(secretArn: string): Promise<number>;
};

/** Milliseconds: longer than a call to AWS, and the append of its outcome, may take. */
const GRANTED_WITHIN = 30_000;

export function createReconciler(deps: {
  journal: AuditJournal;
  events: Pick<ChangeEvents, 'unfinishedIntents'>;
  lock: SecretLock;
  settleIntents: IntentSettler;
  keys: Pick<Keys, 'grants' | 'describe'>;
  clock: Clock;
  noteSettled(secret: { arn: string; account: string; region: string }): void;
  /** A secret whose policy can't be read now keeps its open intents; the next pass tries again. */
  onFailure(secretArn: string, error: unknown): void;
}): Reconciler {
  const { journal, events, lock, settleIntents, keys } = deps;

  /** Grants are made outside of the secret's lock, so that only its age tells one that nobody works on any more. */
  const isAbandoned = ({ time }: AuditEvent) => deps.clock().getTime() - Date.parse(time) > GRANTED_WITHIN;

  const settle = (secretArn: string): Promise<number> =>
    lock.withLock(secretArn, async (held) => {
      const intents = await journal.openIntents(secretArn);
      const changes = intents.filter(isAboutPolicy);
      if (changes.length > 0) await settleIntents(secretArn, changes, held);
      const grants = intents.filter((intent) => !isAboutPolicy(intent) && isAbandoned(intent));
      for (const intent of grants) await journal.append([outcomeOf(intent, await judgeGrant(keys, intent))]);
      const [first] = [...changes, ...grants];
      if (first !== undefined) {
        const { account, region } = first.secret;
        deps.noteSettled({ arn: secretArn, account: account ?? '', region: region ?? '' });
      }
      return changes.length + grants.length;
    });

  return {
    settle,
    async run() {
      const arns = new Set((await events.unfinishedIntents()).flatMap(({ secret }) => secret.arn ?? []));
      let settled = 0;
      await eachPlaceAtOnce(
        [...arns],
        (arn) => arn,
        async (arn) => {
          const count = await settle(arn).catch((error) => {
            deps.onFailure(arn, error);
            return 0;
          });
          settled += count;
        },
      );
      return settled;
    },
  };
}

/** Whether the key has the grant that an intent meant to make, or to revoke. */
async function judgeGrant(
  keys: Pick<Keys, 'grants' | 'describe'>,
  { action, changeId, request, secret }: AuditEvent,
): Promise<AuditOutcome> {
  const keyArn = String(request['key']);
  // A replica's key is in another Region than the secret.
  const region = parseArn(keyArn)?.region ?? secret.region ?? '';
  const key = await keys.describe(keyArn, region, secret.account ?? '');
  const grants = await keys.grants(key);
  if (action === 'revokeGrant')
    return grants.some(({ grantId }) => grantId === request['grantId']) ? 'failed' : 'applied';
  return grants.some(({ name }) => name?.endsWith(`:${changeId}`)) ? 'applied' : 'failed';
}
