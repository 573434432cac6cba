import { type Entry, parametersOf } from './entry.ts';
import { templateNamed } from './templates/index.ts';
import type { Words } from './templates/template.ts';

/** An entry, and how its template says it to people. What is kept (the audit log) has no words: they may get better. */
export type EntryInWords = Entry & { words: Words };

export function entryInWords(entry: Entry): EntryInWords {
  const template = templateNamed(entry.template);
  const words = template?.words(parametersOf(entry, template)) ?? { who: entry.id, conditions: [] };
  return { ...entry, words };
}
