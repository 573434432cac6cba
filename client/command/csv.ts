/** A table as a spreadsheet writes it (RFC 4180), by the names of its first line. @throws Error for a row of other length */
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

function linesOf(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, bare, end = ''] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    line.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === ',') continue;
    if (line.length > 1 || line[0] !== '') lines.push(line);
    line = [];
  }
  return lines;
}
