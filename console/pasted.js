import { whom } from './whom.js';

/** @typedef {{ at: number, secretId: string, who: string }} Pair `at`: its line */

/**
 * Pairs of a secret and who, as a person writes them or a spreadsheet copies them: a line of names, cells in quotes and empty
 * ones at the end may be there. No line is left out in silence.
 * @param {string} text
 * @returns {{ pairs: Pair[], wrong: string[] }}
 */
export function pairsOf(text) {
  const pairs = /** @type {Pair[]} */ ([]);
  const wrong = /** @type {string[]} */ ([]);
  const lines = text.split('\n').map((line, index) => ({ at: index + 1, line: line.trim() }));
  for (const [index, { at, line }] of lines.filter((one) => one.line !== '').entries()) {
    const [secretId = '', who = '', ...more] = cellsOf(line);
    if (index === 0 && isOfNames(secretId, who)) continue;
    if (secretId === '' || who === '' || more.length > 0)
      wrong.push(`Line ${at} must be a secret and who, with a comma between.`);
    else if (whom(who).words === '') wrong.push(`Line ${at}: “${who}” is no account number, ARN or organization.`);
    else pairs.push({ at, secretId, who });
  }
  return { pairs, wrong };
}

/** @param {string} secretId @param {string} who */
const isOfNames = (secretId, who) => /^secrets?(?:[ _-]?id)?$/i.test(secretId) && /^(?:who|principals?)$/i.test(who);

/** RFC 4180, with semicolons and tabs too; none where quotes are not closed. @param {string} line */
function cellsOf(line) {
  const cells = [];
  const cell = /[^\S\t]*(?:"((?:[^"]|"")*)"[^\S\t]*|([^",;\t]*))([,;\t]|$)/y;
  for (let end; end !== ''; ) {
    const match = cell.exec(line);
    if (match === null) return [];
    const [, quoted, plain = ''] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain.trim());
    end = match[3];
  }
  while (cells.at(-1) === '') cells.pop();
  return cells;
}
