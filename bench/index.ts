import { benchAudit } from './audit.ts';
import { benchChangeEvents } from './change-events.ts';
import { benchCpu } from './cpu.ts';
import { benchEstate } from './estate.ts';
import { benchEvaluator } from './evaluator.ts';
import { benchPacking } from './packing.ts';
import { benchService } from './service.ts';
import { benchStart } from './start.ts';
import { printHead, printRows } from './table.ts';

/** `npm run bench [-- EVENTS]`: every measure in one run, each beside what it is held against. docs/performance.md explains them. */
const events = Number(process.argv[2] ?? 100_000);
printHead();
printRows(await benchStart());
printRows(await benchService());
printRows(await benchEstate());
printRows([await benchChangeEvents()]);
printRows(await benchCpu());
printRows(benchPacking());
printRows(await benchEvaluator());
printRows(await benchAudit(events));
