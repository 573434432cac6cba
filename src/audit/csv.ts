/** Lines of comma-separated values (RFC 4180) that a spreadsheet may open. */
export const csvLine = (values: readonly (string | number | null | undefined)[]): string =>
  `${values.map((value) => cell(value ?? '')).join(',')}\r\n`;

function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : harmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet takes what begins so for a formula, and callers choose some texts (OWASP, "CSV Injection"): the signs, in full
 * width too, which are taken for the same where Japanese is written, and white space that is left out before one.
 */
const harmless = (text: string): string => (/^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text);
