import { canonicalStatement } from '../canonical.ts';
import type { PolicyDocument, Statement } from '../document.ts';
import { entriesOf, foreignOf } from './edit.ts';
import type { Entry } from './entry.ts';
import { parse } from './parse.ts';

/** What a policy is made of: our entries by id, statements of others by what they say. */
export function partsIn(document: PolicyDocument | null, partition: string): Map<string, Entry | Statement> {
  const view = parse(document, partition);
  return new Map<string, Entry | Statement>([
    ...entriesOf(view).map((entry) => [entry.id, entry] as const),
    ...foreignOf(view).map((statement) => [canonicalStatement(statement), statement] as const),
  ]);
}
