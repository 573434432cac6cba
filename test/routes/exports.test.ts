import { rmSync } from 'node:fs';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { connect } from '../../src/database/connect.ts';
import { createTrail } from '../../src/database/journal/trail.ts';
import { outcome } from '../audit/draft.ts';
import { patientJournal } from '../audit/patient-journal.ts';
import { build } from '../helper.ts';
import { scratch } from '../scratch.ts';
import { until } from '../wait.ts';

/** However much is exported, by however many, and however slowly they take it: what waits to be taken is bounded, by bytes. */

const EVENTS = 60;
const AHEAD = 65_536;

/** A journal of events with policies of 10 kB before and after. */
async function filled(t: Test) {
  const directory = scratch('exports');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const url = `sqlite:${join(directory, 'audit.db')}`;
  const database = await connect(url);
  const journal = patientJournal({ database, clock: () => new Date() });
  const policy = {
    Version: '2012-10-17' as const,
    Statement: [{ Effect: 'Allow' as const, Principal: { AWS: 'a'.repeat(10_000) }, Action: 'b', Resource: '*' }],
  };
  const both = { before: policy, after: policy, beforeHash: 'b', afterHash: 'a' };
  const drafts = Array.from({ length: EVENTS }, (_, n) => outcome({ changeId: `change-${n}`, policy: both }));
  await journal.append(drafts);
  return { url, directory, database };
}

t.test('a stream of events reads no further ahead than some documents', async (t) => {
  const { database } = await filled(t);
  t.teardown(() => database.close());
  let read = 0;
  const kysely = database.kysely.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      for (const { document } of result.rows) read += String(document ?? '').length;
      return result;
    },
  });
  let given = 0;
  let ahead = 0;
  for await (const event of createTrail({ ...database, kysely }).stream({})) {
    ahead = Math.max(ahead, read - given);
    given += JSON.stringify(event).length;
  }
  t.ok(given > EVENTS * 20_000);
  t.ok(ahead > 0 && ahead <= AHEAD, `${ahead} bytes at most`);
});

const EXPORTS = [
  ['/v1/audit-events', 'application/x-ndjson'],
  ['/v1/audit-events?format=ocsf', 'application/x-ndjson'],
  ['/v1/audit-events?phase=outcome', 'application/x-ndjson'],
  ['/v1/audit-events?view=changes&documents=true', 'application/x-ndjson'],
] as const;

t.test(
  'exports that nobody takes wait, and hold little of what is to come; then they go on to their end',
  async (t) => {
    const { url, directory, database } = await filled(t);
    await database.close();
    const { app } = await build(t, { env: { DATABASE_URL: url } });
    // Of a socket in the file system the kernel keeps little.
    const socketPath = join(directory, 'socket');
    await app.listen({ path: socketPath });
    const answers: ServerResponse[] = [];
    app.server.on('request', (_, answer) => answers.push(answer));
    const exports = await Promise.all(
      EXPORTS.map(([path, accept]) => {
        const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
        get({ socketPath, path, headers: { accept } }, resolve).once('error', reject);
        return promise;
      }),
    );
    // A kernel that keeps more than usual may take all of it.
    const isStill = (answer: ServerResponse) => answer.writableNeedDrain || answer.writableFinished;
    await until(() => answers.length === EXPORTS.length && answers.every(isStill));
    for (const answer of answers) {
      const { writableLength } = answer;
      t.ok(writableLength <= 2 * AHEAD, `${writableLength} bytes in ${answer.req.url}`);
    }
    for (const taken of await Promise.all(exports.map((answer) => text(answer)))) {
      t.equal(taken.trimEnd().split('\n').length, EVENTS);
    }
  },
);
