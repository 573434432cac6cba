import t from 'tap';
import type { CommandBase } from '../../src/access/commands/command.ts';
import { denyPrincipal } from '../../src/access/commands/deny-principal.ts';
import { SYSTEM } from '../../src/access/identity.ts';
import type { ChangeCommand } from '../../src/access/write/change.ts';
import { recordCycle } from '../../src/access/write/record/change-recorder.ts';
import { connect } from '../../src/database/connect.ts';
import { outcome } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { PROD_SECRET } from './prod-secret.ts';

const deny = (changeId: string): ChangeCommand => {
  const base: CommandBase = {
    ...{ changeId, requester: SYSTEM, secretId: 'prod/db' },
    ...{ reason: null, ticket: null, ifMatch: null, dryRun: false },
  };
  return denyPrincipal(base, { principal: '222222222222' });
};
const step = (command: ChangeCommand) => ({
  ...{ command, before: null, after: null, missing: [], droppedDenials: [] },
});

t.test('nobody is told of what another replica came between, and is not on record', async (t) => {
  const database = await connect(`sqlite:${t.testdir()}/audit.db`);
  t.teardown(() => database.close());
  const journal = patientJournal({ database, clock: () => new Date() });

  async function conflictsWhere(theirs: 'applied' | 'failed' | null): Promise<string[]> {
    const [made, so] = [deny(`made ${theirs}`), deny(`so ${theirs}`)];
    const record = recordCycle(journal, PROD_SECRET);
    await record.intents([step(made)]);
    if (theirs !== null)
      await journal.append([
        outcome({ changeId: made.changeId, action: 'deny', secret: PROD_SECRET, outcome: theirs }),
      ]);
    record.settle(step(made), 'applied', null);
    record.settle(step(so), 'unchanged', null);
    return [...(await record.flush())];
  }

  t.same(await conflictsWhere(null), []);
  t.same(await conflictsWhere('failed'), ['made failed', 'so failed']);
  t.same(await conflictsWhere('applied'), ['so applied'], 'what the other found applied is on record as that');
});
