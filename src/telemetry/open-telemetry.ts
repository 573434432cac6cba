import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { outcomeOf, type Step } from './step.ts';
import { parentOf, type RequestTrace, type Traces } from './traces.ts';

/**
 * Traces by OpenTelemetry's SDK, without its globals (so that two apps share nothing) and without instrumentation that
 * patches modules: what is worth a span is a step that we name ourselves. `OTEL_SERVICE_NAME` and
 * `OTEL_RESOURCE_ATTRIBUTES` are heeded.
 */
export function exportTraces(endpoint: string, version: string, onFailure: (error: unknown) => void): Traces {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = telling(new OTLPTraceExporter({ url, timeoutMillis: 3_000 }), onFailure);
  const ours = resourceFromAttributes({ 'service.name': 'secret-access-service', 'service.version': version });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(ours)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('secret-access-service', version);
  const current = new AsyncLocalStorage<Span>();
  const requests = new WeakMap<IncomingMessage, RequestTrace>();
  const asked = new WeakMap<object, Span>();
  const under = (parent: Span | undefined) =>
    parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);

  function begin(raw: IncomingMessage): RequestTrace {
    const parent = parentOf(raw);
    const context =
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
    const span = tracer.startSpan(raw.method ?? 'HTTP', { kind: SpanKind.SERVER }, context);
    return {
      traceId: span.spanContext().traceId,
      enter: (work) => current.run(span, work),
      end({ method, route, status, requestId, changeId }) {
        span.updateName(`${method} ${route}`);
        span.setAttributes({
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
          'request.id': requestId,
          ...(changeId !== '' && { 'change.id': changeId }),
        });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  /** A cycle belongs to the change that began it; those that share it are linked. */
  function startStep({ name, operation, facts, causes = [] }: Step): Span {
    const [first, ...others] = causes.map((cause) => asked.get(cause));
    const links = others.flatMap((span) => (span === undefined ? [] : [{ context: span.spanContext() }]));
    const kind = name === 'aws call' ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const span = tracer.startSpan(operation ?? name, { kind, links }, under(first ?? current.getStore()));
    if (operation !== undefined) span.setAttributes({ 'rpc.system': 'aws-api', 'rpc.method': operation });
    return span.setAttributes({ ...facts });
  }

  return {
    ofRequest(raw) {
      const known = requests.get(raw) ?? begin(raw);
      requests.set(raw, known);
      return known;
    },
    async around(step, work) {
      const span = startStep(step);
      const note = (facts: Record<string, string | number>) => void span.setAttributes(facts);
      try {
        return await current.run(span, work, { note, traceparent: traceparentOf(span) });
      } catch (error) {
        const outcome = outcomeOf(error);
        span.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR, message: outcome });
        throw error;
      } finally {
        span.end();
      }
    },
    remember(cause) {
      const span = current.getStore();
      if (span !== undefined) asked.set(cause, span);
    },
    // The last spans may be lost; the end of the process is not held up by it.
    close: () => provider.shutdown().catch(onFailure),
  };
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The SDK drops what it can't send, and says so nowhere: told once, until the collector takes spans again. */
function telling(exporter: SpanExporter, onFailure: (error: unknown) => void): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed && !failing) onFailure(result.error);
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
