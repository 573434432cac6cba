/**
 * The service as a process of its own, for tests that kill it: `node service.ts '{"env":{…},"aws":{…},"timing":{…},"aheadMs":0}'`. Its
 * clock is so many milliseconds ahead. Tells its parent the URL once it listens.
 */
import { closeOnSignal, failStart } from '../../bin/process.ts';
import { serve } from '../../bin/serve.ts';

// Node.js ignores it; what tap loads into the processes that its tests start ends them by it, unless somebody else listens.
process.on('SIGXFSZ', () => undefined);

try {
  const { env, aheadMs = 0, ...overrides } = JSON.parse(process.argv[2] ?? '{}');
  const { url, close, log } = await serve(env, { ...overrides, clock: () => new Date(Date.now() + aheadMs) });
  closeOnSignal(close, log);
  process.send?.(url);
} catch (error) {
  failStart(error);
}
