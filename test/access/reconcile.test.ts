import { CreateGrantCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import t, { type Test } from 'tap';
import { createReconciler } from '../../src/access/recover/reconcile.ts';
import { createIntentSettler } from '../../src/access/recover/settle-intents.ts';
import { transition } from '../../src/access/write/record/change-recorder.ts';
import { connect } from '../../src/database/connect.ts';
import { createSecretLock } from '../../src/database/lock/index.ts';
import type { PolicyDocument } from '../../src/policy/document.ts';
import { draft } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { startAdapters } from '../aws/start.ts';
import { MARY } from '../helper.ts';
import { matchList } from '../match-list.ts';

const FOREIGN = {
  Effect: 'Allow' as const,
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
  Principal: { AWS: MARY },
};

async function startReconciler(t: Test) {
  const { local, keys, policies, arn } = await startAdapters(t);
  const database = await connect(`sqlite:${t.testdir()}/audit.db`);
  t.teardown(() => database.close());
  const late = { ms: 0 };
  const clock = () => new Date(Date.now() + late.ms);
  const journal = patientJournal({ database, clock });
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
  const secret = { arn, name: 'demo/database', account: '111111111111', region: 'us-east-1' };
  const outcomesOf = async (...changeIds: string[]) =>
    (await Promise.all(changeIds.map(journal.eventsOfChange))).flat().filter(({ phase }) => phase === 'outcome');
  return { local, policies, secret, late, journal, reconciler, settled, outcomesOf };
}

t.test('what became of a grant on a replica’s key, when its process died, is asked in that key’s Region', async (t) => {
  const { local, secret, late, journal, reconciler, settled, outcomesOf } = await startReconciler(t);
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

  const intent = { action: 'createGrant', secret, request: { key: KeyId, principal: MARY } } as const;
  await journal.append([draft({ ...intent, changeId: 'made' }), draft({ ...intent, changeId: 'lost' })]);
  t.equal(await reconciler.run(), 0, 'somebody may still be at it');
  t.same(settled, []);
  late.ms = 60_000;
  t.equal(await reconciler.run(), 2);
  t.same(settled, [secret.arn], 'the index of the estate is told');
  matchList(t, await outcomesOf('made', 'lost'), [
    { changeId: 'made', outcome: 'applied' },
    { changeId: 'lost', outcome: 'failed', error: { code: 'reconciled' } },
  ]);
});

t.test('the changes of one write stood together, as what they added and still stands shows', async (t) => {
  const { policies, secret, journal, reconciler, outcomesOf } = await startReconciler(t);
  const policy = (...names: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: names.map((Sid) => ({ ...FOREIGN, Sid })),
  });
  const intent = (changeId: string, before: PolicyDocument, after: PolicyDocument) =>
    draft({ changeId, secret, policy: transition({ before, after, missing: [], droppedDenials: [] }) });
  const batch = (name: string) => [
    intent(`${name}1`, policy('Stood'), policy('Stood', 'First')),
    intent(`${name}2`, policy('Stood', 'First'), policy('Stood', 'First', 'Second')),
    intent(`${name}3`, policy('Stood', 'First', 'Second'), policy('First', 'Second')),
  ];
  for (const [name, attached, outcomes] of [
    ['all', policy('First', 'Second'), ['applied', 'applied', 'applied']],
    ['undone', policy('Second'), ['applied', 'applied', 'applied']],
    ['half', policy('Stood', 'Second'), ['applied', 'applied', 'failed']],
    ['none', policy('Stood'), ['failed', 'failed', 'failed']],
    ['removed by others', policy('Other'), ['failed', 'failed', 'failed']],
  ] as const) {
    await journal.append(batch(name));
    await policies.put(secret.arn, JSON.stringify(attached));
    t.equal(await reconciler.run(), 3);
    const found = await outcomesOf(`${name}1`, `${name}2`, `${name}3`);
    t.same(
      found.map(({ outcome }) => outcome),
      outcomes,
      name,
    );
  }
});
