#!/usr/bin/env node
import { run } from './run.ts';

const { argv, env, stdout, stderr } = process;
process.exitCode = await run(argv.slice(2), {
  env,
  write: (text) => void stdout.write(text),
  writeError: (text) => void stderr.write(text),
  columns: stdout.isTTY ? stdout.columns : undefined,
});
