/**
 * A process for fault tests: appends changes to the journal at `url`, eight at a time, and prints the numbers of the events
 * that were acknowledged. Stops by itself after `changes`; "Infinity" never does.
 */

import { connect } from '../../src/database/connect.ts';
import { createJournal } from '../../src/database/journal/journal.ts';
import { draft, outcome } from '../audit/draft.ts';

const [url = '', changes = '', name = ''] = process.argv.slice(2);
const database = await connect(url);
const journal = createJournal({ database, clock: () => new Date(), timeoutMs: 30_000 });
let begun = 0;

const work = async () => {
  while (begun < Number(changes)) {
    const changeId = `${name}-${++begun}`;
    for (const event of [draft({ changeId }), outcome({ changeId })]) {
      const [appended] = await journal.append([event]);
      process.stdout.write(`${appended?.sequence}\n`);
    }
  }
};

await Promise.all(Array.from({ length: 8 }, work));
await database.close();
