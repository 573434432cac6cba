import { setFlagsFromString } from 'node:v8';

/**
 * The process of production: `node src/server.ts`. The start makes a lot of garbage, and V8 would let the heap grow to
 * hold it, for good. So until the service is ready the heap is kept small; then V8 decides again, by what the load needs.
 * Hence the import that waits: what is imported statically is loaded before the first line runs.
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=20');
const { closeOnSignal, failStart, serve } = await import('./serve.ts');
try {
  const { close } = await serve(process.env);
  closeOnSignal(close);
} catch (error) {
  failStart(error);
}
setFlagsFromString('--semi-space-growth-factor=2');
setFlagsFromString('--heap-growing-percent=0');
