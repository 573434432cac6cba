import { createJournal } from '../../src/database/journal/journal.ts';

/** Milliseconds that no busy machine reaches. Those who test the limit give their own. */
const timeoutMs = 600_000;

/** A journal that is waited for: how long an append takes is the machine's. */
export const patientJournal: typeof createJournal = (options) => createJournal({ timeoutMs, ...options });
