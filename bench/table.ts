/** One measure: what it took, against what, and the bar (docs/performance.md). */
export type Row = {
  measure: string;
  ours: string;
  theirs: string;
  ratio: number;
  bar: number;
  /** Whether the ratio should be at most, or at least, the bar. */
  better: 'less' | 'more';
};

export function printTable(rows: readonly Row[]): void {
  printHead();
  printRows(rows);
}

export function printHead(): void {
  console.log('| measure | ours | against | ratio | bar | |');
  console.log('|---|---|---|---|---|---|');
}

export function printRows(rows: readonly Row[]): void {
  for (const { measure, ours, theirs, ratio, bar, better } of rows) {
    const passes = better === 'less' ? ratio <= bar : ratio >= bar;
    const sign = better === 'less' ? '<=' : '>=';
    console.log(
      `| ${measure} | ${ours} | ${theirs} | ${ratio.toFixed(2)} | ${sign} ${bar} | ${passes ? 'pass' : 'FALLS SHORT'} |`,
    );
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
