import { personNamed } from '../principals/principal.ts';
import { type Entry, parametersOf } from './entry.ts';
import { templateNamed } from './templates/index.ts';
import type { EntryKind, Words } from './templates/kinds/template.ts';

/** An entry, and how its template says it to people. What is kept (the audit log) has no words: they may get better. */
export type EntryInWords = Entry & { words: Words };

export function entryInWords(entry: Entry): EntryInWords {
  const template = templateNamed(entry.template);
  const words = template?.words(parametersOf(entry, template)) ?? { who: entry.id, conditions: [] };
  return { ...entry, words };
}

const OF: Readonly<Record<EntryKind, string>> = {
  share: 'the share with',
  denial: 'the denial of',
  restriction: 'the restriction of',
};

/** An entry as a sentence names it: by whom it is about, never by its Sid, which is a hash. */
export function entryNamed(entry: Entry): string {
  const { who } = entryInWords(entry).words;
  return `${OF[entry.kind]} ${entry.kind === 'restriction' ? who : personNamed(entry.principal ?? who)}`;
}
