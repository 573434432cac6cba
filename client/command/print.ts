import Table from 'cli-table3';
import type { components } from '../index.ts';
import { forShell } from './for-shell.ts';
import { plain, plainJson } from './plain.ts';

type Schemas = components['schemas'];

/** Where a command writes: people get tables and sentences, programs JSON. */
export type Printer = {
  json: boolean;
  /** A line to people; nothing where JSON was asked for. */
  say(line: string): void;
  /** The answer itself, where JSON was asked for. */
  give(answer: unknown): void;
  table(head: readonly string[], rows: readonly (readonly string[])[], none: string): void;
};

export function createPrinter(write: (text: string) => void, json: boolean, columns: number | undefined): Printer {
  const say = (line: string) => {
    if (!json) write(`${forShell(plain(line))}\n`);
  };
  return {
    json,
    say,
    give: (answer) => {
      if (json) write(`${plainJson(answer, columns === undefined ? undefined : 2)}\n`);
    },
    table(head, rows, none) {
      if (rows.length === 0) return say(none);
      if (json) return;
      const cells = rows.map((row) => row.map((cell) => forShell(plain(cell))));
      const colWidths = columns === undefined ? [] : narrowed([head, ...cells], columns);
      if (colWidths === null) return write(`${cells.map((row) => oneBelowTheOther(head, row)).join('\n\n')}\n`);
      const table = new Table({
        head: [...head],
        colWidths,
        style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 1 },
        chars: LINES,
        wordWrap: true,
      });
      table.push(...cells);
      write(`${table.toString().replace(/ +$/gm, '')}\n`);
    },
  };
}

/**
 * The widths of those columns that must be less wide for a table to fit the terminal: none less than its longest word, of which
 * nothing is cut off. Null where it does not fit so.
 */
function narrowed(rows: readonly (readonly string[])[], columns: number): (number | null)[] | null {
  const across = (rows[0] ?? []).map((_, at) => {
    const cells = rows.map((row) => row[at] ?? '');
    const [width, least] = [/\n/, /\s+/].map(
      (ends) => 1 + Math.max(...cells.flatMap((cell) => cell.split(ends)).map(widthOf)),
    );
    return { width: width ?? 0, least: least ?? 0, isNarrowed: false };
  });
  let over = across.reduce((sum, { width }) => sum + width + 1, -1) - columns;
  // The widest is prose, mostly.
  for (const column of across.toSorted((one, other) => other.width - one.width)) {
    const less = Math.min(over, column.width - column.least);
    if (less <= 0) continue;
    over -= less;
    column.width -= less;
    column.isNarrowed = true;
  }
  return over > 0 ? null : across.map(({ width, isNarrowed }) => (isNarrowed ? width : null));
}

/** A row for a terminal that is too narrow for the table: what is empty is left out. */
const oneBelowTheOther = (head: readonly string[], row: readonly string[]): string =>
  row.flatMap((cell, at) => (cell === '' ? [] : `${head[at]}: ${cell}`)).join('\n');

/** In a terminal, at most: from the first Korean letters on a character may take two. */
const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0);

/** No frames: what is printed can be cut with cut and awk. */
const LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, ''])
    .concat([['middle', ' ']]),
);

/** What a change did, or would do. */
export function printChange(out: Printer, change: Schemas['Change']): void {
  out.give(change);
  out.say(change.summary);
  sayOpen(out, change.legs);
  for (const { message } of change.warnings) out.say(`  Mind: ${message}`);
  const entry = change.share ?? change.denial ?? change.restriction;
  if (!change.dryRun) out.say(`  change ${change.changeId}${entry === undefined ? '' : `, ${entry.kind} ${entry.id}`}`);
}

export function printPending(out: Printer, pending: Schemas['PendingChange']): void {
  out.give(pending);
  out.say(`Waits for somebody of the group ${pending.group}: ${pending.summary}`);
  out.say(`  They say yes by: secret-access approve ${pending.approvalId}   (until ${pending.expiresAt})`);
}

/** What reading takes besides, and what somebody else must paste for it. */
function sayOpen(out: Printer, legs: readonly Schemas['Leg'][]): void {
  for (const { leg, status, account, region, detail, statement } of legs) {
    if (status === 'done' || status === 'notNeeded') continue;
    out.say(
      `  ${LEGS[leg]} of ${account}${region === undefined ? '' : ` in ${region}`}: ${STATUSES[status]}. ${detail}`,
    );
    if (statement !== undefined) out.say(`    ${JSON.stringify(statement)}`);
  }
}

export const LEGS = {
  secretPolicy: 'secret’s policy',
  keyPolicy: 'key',
  identityPolicy: 'own account',
  organization: 'organization',
} as const;
const STATUSES = { missing: 'missing', unknown: 'not known' } as const;

/** What whoever decides should see first. */
export function printForDecision(out: Printer, pending: Schemas['PendingChange']): void {
  out.give(pending);
  const { summary, effect, legs, warnings, requestedBy, reason, problem } = pending;
  out.say(summary);
  out.say(`  ${requestedBy.subject} asks${reason === null ? '' : `: ${reason}`}`);
  for (const [verb, ones] of [
    ['gains', effect.gains],
    ['loses', effect.loses],
  ] as const)
    for (const { principal, actions, conditions } of ones)
      out.say(`  ${[`${principal} ${verb} ${actions.join(', ')}`, ...conditions].join(', ')}`);
  sayOpen(out, legs);
  for (const { message } of warnings) out.say(`  Mind: ${message}`);
  if (problem !== null) out.say(`  Can’t be made now: ${problem.detail}`);
}
