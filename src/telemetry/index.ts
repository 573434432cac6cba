import { createMetrics, type Metrics } from './metrics.ts';
import type { Around } from './step.ts';
import { noTraces, type Traces } from './traces.ts';

export type Telemetry = { metrics: Metrics; traces: Traces; around: Around };

/**
 * @param otelEndpoint base URL of an OTLP/HTTP collector; without it no code of OpenTelemetry is loaded
 * @param onFailure called when the collector stops taking spans
 */
export async function createTelemetry(
  otelEndpoint: string | undefined,
  version: string,
  onFailure: (error: unknown) => void,
): Promise<Telemetry> {
  const metrics = createMetrics();
  const traces =
    otelEndpoint === undefined
      ? noTraces
      : (await import('./open-telemetry.ts')).exportTraces(otelEndpoint, version, onFailure);
  return {
    metrics,
    traces,
    around: (step, work) => metrics.around(step, () => traces.around(step, work)),
  };
}
