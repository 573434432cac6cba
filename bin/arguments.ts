import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * What it was started with. Before anything starts: `--help` prints the usage and ends the process with 0, what is not known is
 * refused with 2.
 */
export function argumentsOf(
  usage: string,
  options: ParseArgsOptionsConfig = {},
  allowPositionals = false,
): ReturnType<typeof parseArgs> {
  try {
    const given = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals });
    if (given.values['help'] !== true) return given;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}
