/**
 * A table as a spreadsheet writes it (RFC 4180), by the names of its first line.
 * @throws Error for a row of other length, and for quotes that stand where RFC 4180 has none
 */
export function readCsv(text: string): Record<string, string>[] {
  const [head, ...rows] = linesOf(text.replace(/^\ufeff/, ''));
  if (head === undefined) throw new Error('The file is empty: its first line names the columns.');
  const names = head.map((name) => name.trim());
  return rows.map((cells, index) => {
    if (cells.length !== names.length)
      throw new Error(`Row ${index + 2} has ${cells.length} cells; the first line names ${names.length}.`);
    return Object.fromEntries(names.flatMap((name, column) => (cells[column] ? [[name, cells[column].trim()]] : [])));
  });
}

/** A cell, quoted or bare, and what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function linesOf(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  CELL.lastIndex = 0;
  for (let end = ','; CELL.lastIndex < text.length || end === ','; ) {
    const cell = CELL.exec(text);
    if (cell === null)
      throw new Error(
        `Row ${lines.length + 1}, cell ${line.length + 1}: a cell with quotes in it is quoted as a whole, each of them written twice.`,
      );
    end = cell[3] ?? '';
    line.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '');
    if (end === ',') continue;
    if (line.length > 1 || line[0] !== '') lines.push(line);
    line = [];
  }
  return lines;
}
