import { parseArgs } from 'node:util';

/** What everything that is started takes. */
export const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/**
 * What it was started with. Before anything starts: `--help` prints the usage and ends the process with 0, what is not known is
 * refused with 2.
 * @param parse by node:util's parseArgs, HELP among its options
 */
export function argumentsOf<Given extends { values: { help?: boolean | undefined } }>(
  usage: string,
  parse: () => Given,
): Given {
  try {
    const given = parse();
    if (given.values.help !== true) return given;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

/** Of what is told all by its environment. */
export const onlyHelp = (usage: string): void => void argumentsOf(usage, () => parseArgs({ options: HELP }));
