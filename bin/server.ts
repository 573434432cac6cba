import { keepHeapSmall, letHeapGrow } from '../src/small-heap.ts';
import { onlyHelp } from './arguments.ts';
import { closeOnSignal, failStart } from './process.ts';

/**
 * The process of production: `node bin/server.ts`. The start makes a lot of garbage, and V8 would let the heap grow to
 * hold it, for good. Hence the import that waits: what is imported statically is loaded before the first line runs.
 */
onlyHelp(`node bin/server.ts

The service. Its configuration is in the environment: README.md has the variables.

  -h, --help  this`);
keepHeapSmall();
try {
  const { serve } = await import('./serve.ts');
  const { close, log } = await serve(process.env);
  closeOnSignal(close, log);
} catch (error) {
  failStart(error);
}
letHeapGrow();
