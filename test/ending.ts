/** What ends later than it begins: a test, or a script that does without one. */
export type Ending = { teardown(end: () => Promise<void> | void): void };
