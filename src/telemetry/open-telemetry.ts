import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { type AwsCall, type Channels, type Ending, listen, type Steps } from '../channels.ts';
import { outcomeOf } from './outcome.ts';
import { parentOf, type RequestTrace, type Traces } from './traces.ts';

/**
 * Traces by OpenTelemetry's SDK, without its globals (so that two apps share nothing) and without instrumentation that
 * patches modules: what is worth a span is a step that we name ourselves. `OTEL_SERVICE_NAME` and
 * `OTEL_RESOURCE_ATTRIBUTES` are heeded.
 */
export function exportTraces(
  endpoint: string,
  version: string,
  channels: Channels,
  onFailure: (error: unknown) => void,
): Traces {
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
  /** In which request a command was given: the cycle that does it may be begun in another. */
  const asked = new WeakMap<object, Span>();
  followSteps(channels, tracer, current, asked);

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

  return {
    ofRequest(raw) {
      const known = requests.get(raw) ?? begin(raw);
      requests.set(raw, known);
      return known;
    },
    // The last spans may be lost; the end of the process is not held up by it.
    close: () => provider.shutdown().catch(onFailure),
  };
}

/** A span for each step, in the context in which it is begun; what it begins itself belongs to it. */
function followSteps(
  channels: Channels,
  tracer: Tracer,
  current: AsyncLocalStorage<Span>,
  asked: WeakMap<object, Span>,
): void {
  const start = (name: string, options: SpanOptions, parent = current.getStore()) =>
    tracer.startSpan(name, options, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));

  function follow<Message extends object>(
    steps: Steps<Message>,
    begin: (message: Message) => Span,
    endFacts: (message: Message) => Attributes = () => ({}),
  ): void {
    const spans = new WeakMap<object, Span>();
    steps.start.bindStore(current, (message) => {
      const span = begin(message);
      spans.set(message, span);
      return span;
    });
    listen(steps, { ended: (message) => end(spans.get(message), message, endFacts(message)) });
  }

  channels.change.subscribe((command) => {
    const span = current.getStore();
    if (span !== undefined && typeof command === 'object' && command !== null) asked.set(command, span);
  });
  // A cycle belongs to the change that began it; those that share it are linked.
  follow(channels.cycle, ({ commands }) => {
    const [first, ...others] = commands.map((command) => asked.get(command));
    const links = others.flatMap((span) => (span === undefined ? [] : [{ context: span.spanContext() }]));
    return start('cycle', { links, attributes: { 'cycle.changes': commands.length } }, first);
  });
  follow(channels.lockWait, () => start('lock wait', {}));
  follow(channels.auditAppend, ({ events }) => start('audit append', { attributes: { 'audit.events': events } }));
  follow(
    channels.awsCall,
    (call) => {
      const attributes = { 'rpc.system': 'aws-api', 'rpc.method': call.action, 'cloud.region': call.region };
      const span = start(call.action, { kind: SpanKind.CLIENT, attributes });
      call.traceparent = traceparentOf(span);
      return span;
    },
    answerFacts,
  );
}

function end(span: Span | undefined, { error }: Ending, facts: Attributes): void {
  if (span === undefined) return;
  span.setAttributes(facts);
  if (error !== undefined) {
    const outcome = outcomeOf(error);
    span.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR, message: outcome });
  }
  span.end();
}

/** In the names of OpenTelemetry's semantic conventions where it has one. */
function answerFacts({ answer: { requestId, attempts, httpStatusCode } = {} }: AwsCall): Attributes {
  return {
    ...(requestId !== undefined && { 'aws.request_id': requestId }),
    ...(httpStatusCode !== undefined && { 'http.response.status_code': httpStatusCode }),
    ...(attempts !== undefined && attempts > 1 && { 'http.request.resend_count': attempts - 1 }),
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
