import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import fp from 'fastify-plugin';
import { DomainError } from '../../src/problems/problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It takes access away: tried as long as there is memory for it. Who floods the process does not hold up that. */
    takesAway?: boolean;
  }
}

/** Of the heap that this process may have, however large the machine is. */
const MAX_HEAP_SHARE = 0.9;

/** `maxDelayMs`: by how much the event loop may lag, as the mean of `sampleMs`. */
export type PressureOptions = { maxDelayMs?: number; sampleMs?: number };

/** Refuses work while the process can't keep up with what it has; probes are answered all the same, and what takes access away is done. */
export default fp<PressureOptions>(
  // A few seconds, so that one long pause is no pressure.
  async (app, { maxDelayMs = 1_000, sampleMs = 5_000 }) => {
    // The start itself may hold the event loop for seconds. Its sample ends within one interval, and stands for another.
    let measuredFrom = Number.POSITIVE_INFINITY;
    app.addHook('onReady', async () => {
      measuredFrom = performance.now() + 2 * sampleMs;
    });
    const maxHeapUsedBytes = getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE;
    await app.register(underPressure, {
      sampleInterval: sampleMs,
      maxEventLoopDelay: maxDelayMs,
      maxHeapUsedBytes,
      pressureHandler(request, _reply, type, value) {
        // Infinity is a sample without a measurement, and says nothing.
        if (value === Number.POSITIVE_INFINITY || performance.now() < measuredFrom) return;
        const { probe = false, takesAway = false } = request.routeOptions.config;
        if (probe) return;
        if (takesAway && type === underPressure.TYPE_EVENT_LOOP_DELAY && app.memoryUsage().heapUsed < maxHeapUsedBytes)
          return;
        request.log.warn({ pressure: type, value }, 'overloaded');
        throw new DomainError('overloaded');
      },
    });
  },
  { name: 'pressure', dependencies: ['problems'] },
);
