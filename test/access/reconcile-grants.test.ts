import { CreateGrantCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import t from 'tap';
import { createReconciler } from '../../src/access/recover/reconcile.ts';
import { createIntentSettler } from '../../src/access/recover/settle-intents.ts';
import { connect } from '../../src/database/connect.ts';
import { createJournal } from '../../src/database/journal/journal.ts';
import { createSecretLock } from '../../src/database/lock/index.ts';
import { draft } from '../audit/draft.ts';
import { startAdapters } from '../aws/start.ts';
import { MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

t.test('what became of a grant on a replica’s key, when its process died, is asked in that key’s Region', async (t) => {
  const { local, keys, policies, arn } = await startAdapters(t);
  const database = await connect(`sqlite:${t.testdir()}/audit.db`);
  t.teardown(() => database.close());
  let late = 0;
  const clock = () => new Date(Date.now() + late);
  const journal = createJournal({ database, clock });
  const settled: string[] = [];
  const reconciler = createReconciler({
    journal,
    events: journal,
    lock: createSecretLock(database),
    settleIntents: createIntentSettler({
      journal,
      policies,
      clock,
      sleep: async () => {},
      timing: { landedAfterMs: 0 },
    }),
    keys,
    clock,
    noteSettled: (secret) => settled.push(secret.arn),
    onFailure: (_, error) => t.fail(String(error)),
  });
  const abroad = new KMSClient({
    region: 'eu-west-1',
    endpoint: local.url,
    credentials: { accessKeyId: 'LOCALOWNER', secretAccessKey: 'x' },
  });
  t.teardown(() => abroad.destroy());
  const { KeyMetadata } = await abroad.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.Arn ?? '';
  const grant = { KeyId, GranteePrincipal: MARY, Operations: ['Decrypt' as const], Name: 'secret-access:entry:made' };
  await abroad.send(new CreateGrantCommand(grant));

  const secret = { arn, name: 'demo/database', account: '111111111111', region: 'us-east-1' };
  const intent = { action: 'createGrant', secret, request: { key: KeyId, principal: MARY } } as const;
  await journal.append([draft({ ...intent, changeId: 'made' }), draft({ ...intent, changeId: 'lost' })]);
  t.equal(await reconciler.run(), 0, 'somebody may still be at it');
  t.same(settled, []);
  late = 60_000;
  t.equal(await reconciler.run(), 2);
  t.same(settled, [arn], 'the index of the estate is told');
  const outcomes = [...(await journal.eventsOfChange('made')), ...(await journal.eventsOfChange('lost'))].filter(
    ({ phase }) => phase === 'outcome',
  );
  matchList(t, outcomes, [
    { changeId: 'made', outcome: 'applied' },
    { changeId: 'lost', outcome: 'failed', error: { code: 'reconciled' } },
  ]);
});
