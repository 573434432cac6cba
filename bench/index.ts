import { benchAudit } from './audit.ts';
import { benchChangeEvents } from './change-events.ts';
import { benchCpu } from './cpu.ts';
import { benchEstate } from './estate.ts';
import { benchEvaluator } from './evaluator.ts';
import { benchPacking } from './packing.ts';
import { benchService } from './service.ts';
import { benchStart } from './start.ts';
import { printTable } from './table.ts';

/** `npm run bench [-- EVENTS]`: every measure in one run, each beside what it is held against. docs/performance.md explains them. */
const events = Number(process.argv[2] ?? 100_000);
printTable([
  ...(await benchStart()),
  ...(await benchService()),
  ...(await benchEstate()),
  await benchChangeEvents(),
  ...(await benchCpu()),
  ...benchPacking(),
  ...(await benchEvaluator()),
  ...(await benchAudit(events)),
]);
