import { type Channels, createChannels } from '../channels.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { noTraces, type Traces } from './traces.ts';

/** `channels` are what the parts of this instance say their steps on; metrics listen always, traces when they are sent. */
export type Telemetry = { channels: Channels; metrics: Metrics; traces: Traces };

/**
 * @param otelEndpoint base URL of an OTLP/HTTP collector; without it no code of OpenTelemetry is loaded
 * @param onFailure called when the collector stops taking spans
 */
export async function createTelemetry(
  otelEndpoint: string | undefined,
  version: string,
  onFailure: (error: unknown) => void,
): Promise<Telemetry> {
  const channels = createChannels();
  const metrics = createMetrics(channels);
  const traces =
    otelEndpoint === undefined
      ? noTraces
      : (await import('./open-telemetry.ts')).exportTraces(otelEndpoint, version, channels, onFailure);
  return { channels, metrics, traces };
}
