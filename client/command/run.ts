import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createSecretAccessClient, type SecretAccessClient } from '../index.ts';
import { EXIT, type Exit, exitOf, Refused } from './answers.ts';
import { changeCommands } from './changes.ts';
import { entryCommands } from './entries.ts';
import { forShell } from './for-shell.ts';
import { incidentCommands } from './incidents.ts';
import { lookCommands } from './looks.ts';
import { manyCommands } from './many.ts';
import { plain, plainJson, plainLines } from './plain.ts';
import { createPrinter, type Printer } from './print.ts';
import { requestCommands } from './requests.ts';
import { readSettings } from './settings.ts';

/** What a process gives a command. */
type Terminal = {
  env: NodeJS.ProcessEnv;
  write(text: string): void;
  writeError(text: string): void;
  /** The terminal's width; undefined where nobody looks. */
  columns?: number | undefined;
  /** Whether somebody who sits there says yes; undefined where nobody does. */
  ask?: ((question: string) => Promise<boolean>) | undefined;
};

export type Context = {
  client: SecretAccessClient;
  url: string;
  out: Printer;
  progress(line: string): void;
  ask: Terminal['ask'];
};
/** Adds commands; `act` runs one, and keeps how it ended. */
export type Commands = (program: Command, act: (work: (context: Context) => Promise<Exit>) => Promise<void>) => void;

/**
 * One command, as a shell calls it.
 * @returns 0 done, 1 failed (nobody answered, say, or an unknown option), 2 refused, 3 it waits for a second person, 4 a plan
 * that is not empty
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<Exit> {
  const { write, columns, ask } = terminal;
  const writeError = (text: string) => terminal.writeError(plainLines(text));
  let exit: Exit = EXIT.done;
  let asked = '';
  const program = new Command('secret-access')
    .description('Who may read which secret: share, deny, look, ask.')
    .version(VERSION, '-v, --version', 'of this command')
    .option('--json', 'for programs: the answer of the service')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help behind it says what it takes)')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: writeError });
  const act = async (work: (context: Context) => Promise<Exit>) => {
    const json = program.opts<{ json?: boolean }>().json === true;
    const { url, credentials } = readSettings(terminal.env);
    asked = url;
    const out = createPrinter(write, json, columns);
    const progress = (line: string) => {
      if (!json && columns !== undefined) terminal.writeError(`\r${line.padEnd(columns - 1).slice(0, columns - 1)}`);
    };
    exit = await work({ client: createSecretAccessClient(url, credentials), url, out, progress, ask });
  };
  for (const add of [changeCommands, entryCommands, lookCommands, requestCommands, manyCommands, incidentCommands])
    add(program, act);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.failed;
    if (error instanceof Refused)
      return refused(error, program.opts<{ json?: boolean }>().json === true, { write, writeError });
    writeError(`${error instanceof Error ? reasonOf(error, asked) : String(error)}\n`);
    return EXIT.failed;
  }
}

/** The package by its own name: the sources and what is packed lie at other depths in it. */
const VERSION: string = JSON.parse(
  readFileSync(new URL(import.meta.resolve('secret-access-client/package.json')), 'utf8'),
).version;

const HELP = `
Where the service is, and who you are, is told by the environment or by ~/.config/secret-access.json, never by arguments:
  SECRET_ACCESS_URL                      {"url": "https://secret-access.internal",
  SECRET_ACCESS_API_KEY, …_API_KEY_FILE   "apiKeyFile": "/run/secrets/key"}
  SECRET_ACCESS_TOKEN, …_TOKEN_FILE
Both come from one of them: no key is sent to an address that the other names.
Exit codes: 0 done, 1 failed, 2 refused, 3 waits for a second person, 4 the plan is not empty.`;

function refused(
  { problem }: Refused,
  json: boolean,
  { write, writeError }: Pick<Terminal, 'write' | 'writeError'>,
): Exit {
  if (json) write(`${plainJson(problem)}\n`);
  else {
    const say = (line: string) => writeError(`${forShell(plain(line))}\n`);
    say(`${problem.title}: ${problem.detail}`);
    for (const { path, message } of (problem.errors ?? []).slice(1)) say(`  ${path} ${message}`);
    say(`  (${problem.code}, request ${problem.requestId})`);
  }
  return exitOf(problem);
}

/** fetch says "fetch failed", and why in its cause. */
const reasonOf = ({ message, cause }: Error, url: string): string =>
  cause instanceof Error
    ? `No answer came from ${url}: ${cause.message || String((cause as { code?: unknown }).code ?? '')}. ` +
      'Does the service run, and is SECRET_ACCESS_URL right?'
    : message;
