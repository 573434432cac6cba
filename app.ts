import { readFileSync } from 'node:fs';
import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyInstance,
  type FastifyPluginOptions,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import fp from 'fastify-plugin';
import accountGuard from './plugins/account-guard.ts';
import changeId from './plugins/change-id.ts';
import changeReply from './plugins/change-reply.ts';
import closing from './plugins/closing.ts';
import idempotency from './plugins/idempotency.ts';
import identity from './plugins/identity.ts';
import jsonBody from './plugins/input/json-body.ts';
import secretInQuery from './plugins/input/secret-in-query.ts';
import strictInput, { strictCompilers } from './plugins/input/strict-input.ts';
import httpLimits, { answerClientError, httpServer } from './plugins/limits/http-limits.ts';
import itemLimit from './plugins/limits/item-limit.ts';
import pressure, { type PressureOptions } from './plugins/limits/pressure.ts';
import rateLimit from './plugins/limits/rate-limit.ts';
import streamLimit from './plugins/limits/stream-limit.ts';
import metrics from './plugins/metrics.ts';
import notFound from './plugins/not-found.ts';
import { createSignIn } from './plugins/oauth.ts';
import openapi from './plugins/openapi/index.ts';
import pretty, { prettyAnswers } from './plugins/pretty.ts';
import problems, { sendProblem, toDomainError } from './plugins/problems/index.ts';
import requestIds, { requestIdOf } from './plugins/request-ids.ts';
import securityHeaders from './plugins/security-headers.ts';
import thisMachineOnly from './plugins/this-machine-only.ts';
import traces from './plugins/traces.ts';
import { accessCheckRoutes } from './routes/access-checks/index.ts';
import { Dependency } from './routes/access-checks/schemas.ts';
import { accessRequestRoutes } from './routes/access-requests/index.ts';
import { approvalRoutes } from './routes/approvals/index.ts';
import { PendingChange } from './routes/approvals/schemas.ts';
import { auditRoutes } from './routes/audit-events/index.ts';
import { authorizationCheckRoutes } from './routes/authorization-checks/index.ts';
import { bulkRoutes } from './routes/bulk/index.ts';
import { consoleRoutes } from './routes/console/index.ts';
import { denialRoutes } from './routes/denials/index.ts';
import { EntryPage } from './routes/entries.ts';
import { estateRoutes } from './routes/estate/index.ts';
import { healthRoutes } from './routes/health/index.ts';
import { incidentRoutes } from './routes/incidents/index.ts';
import { manifestRoutes } from './routes/manifests/index.ts';
import { meRoutes } from './routes/me/index.ts';
import { metricRoutes } from './routes/metrics/index.ts';
import { operationRoutes } from './routes/operations/index.ts';
import { Operation } from './routes/operations/schemas.ts';
import { policyRoutes } from './routes/policy/index.ts';
import { problemRoutes } from './routes/problems/index.ts';
import { readerRoutes } from './routes/readers/index.ts';
import { restrictionRoutes } from './routes/restrictions/index.ts';
import { components } from './routes/schemas.ts';
import { secretRoutes } from './routes/secrets/index.ts';
import { Secret } from './routes/secrets/schemas.ts';
import { shareRoutes } from './routes/shares/index.ts';
import { templateRoutes } from './routes/templates/index.ts';
import type { Config } from './src/config/index.ts';
import type { ServiceOverrides } from './src/services/adapters.ts';
import { createServices, type Services } from './src/services/index.ts';
import { createTelemetry } from './src/telemetry/index.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as {
  version: string;
};

declare module 'fastify' {
  interface FastifyInstance {
    /** The use cases, for whoever runs the app without HTTP. */
    services: Services;
  }
}

/** Milliseconds that what is under way has to finish once the service is told to stop; orchestrators kill it after 30 s. */
const FINISH_MS = 18_000;

export type App = Awaited<ReturnType<typeof buildApp>>;

/**
 * Routes share one set of schemas, and with it one validator: a context of its own for each resource would compile all
 * of them again, which makes the start slow and the process large.
 */
const flat = <Options extends FastifyPluginOptions>(routes: FastifyPluginAsyncTypebox<Options>) => fp(routes);

/**
 * The whole service, not listening yet: the only place that wires. Plugins and routes are registered in an explicit
 * order; nothing is loaded by itself.
 * @throws Error when the database, the guardrails or the key file can't be used
 */
export async function buildApp(
  config: Config,
  overrides: ServiceOverrides & Pick<FastifyServerOptions, 'loggerInstance'> & { pressure?: PressureOptions },
) {
  const { loggerInstance } = overrides;
  const telemetry = await createTelemetry(config.otelEndpoint, version, (err) =>
    loggerInstance?.warn({ err }, 'traces can’t be exported'),
  );
  const app = fastify({
    ...(loggerInstance && { loggerInstance }),
    genReqId: requestIdOf,
    childLoggerFactory(logger, bindings, options, raw) {
      const { traceId } = telemetry.traces.ofRequest(raw);
      return logger.child({ ...bindings, ...(traceId !== null && { traceId }) }, options);
    },
    logController: new LogController({ requestIdLogLabel: 'requestId' }),
    bodyLimit: config.requestBodyLimit,
    trustProxy: config.trustProxy === false ? false : config.trustProxy,
    routerOptions: { maxParamLength: 2048 },
    ...httpServer,
    // It bounds the hooks that run at the close, too: those bound themselves.
    pluginTimeout: 60_000,
    // The plugin `closing` refuses in our own form, and lets probes through.
    return503OnClosing: false,
    schemaController: strictCompilers,
    clientErrorHandler(this: FastifyInstance, error, socket) {
      answerClientError(error, socket, this.log);
    },
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, toDomainError(error)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const services = await createServices(config, app.log, telemetry, overrides);
  app.decorate('services', services);
  app.addHook('onClose', () => services.close());

  // Hooks run in this order. First what every answer bears, refusals too; then what is cheap to refuse; then who calls,
  // which is what a request counts against; only then what is asked for.
  await app.register(requestIds, { traces: telemetry.traces });
  if (config.otelEndpoint !== undefined) await app.register(traces, { traces: telemetry.traces });
  await app.register(pretty);
  await app.register(problems, { visible: services.visible, near: services.near });
  await app.register(metrics, { metrics: telemetry.metrics });
  await app.register(securityHeaders);
  await app.register(httpLimits);
  if (config.auth.mode === 'none') await app.register(thisMachineOnly);
  await app.register(closing, { cutAfterMs: FINISH_MS });
  app.addHook('preClose', () => services.finish(FINISH_MS));
  await app.register(pressure, overrides.pressure ?? {});
  await app.register(rateLimit, { max: config.rateLimitMax });
  await app.register(identity, { authenticator: services.authenticator });
  await app.register(itemLimit, { max: config.rateLimitMax });
  await app.register(streamLimit);
  await app.register(notFound);
  await app.register(strictInput);
  await app.register(secretInQuery);
  await app.register(jsonBody);
  await app.register(changeId, { newChangeId: services.newChangeId });
  await app.register(changeReply);
  await app.register(accountGuard, { visible: services.visible, authorizer: services.authorizer });
  await app.register(idempotency, {
    ...{ store: services.idempotency, resume: services.resume, findBegun: services.findBegun },
    ...{ askAgain: services.askAgain, visible: services.visible },
  });
  await app.register(prettyAnswers);
  // Before the routes, which it collects; after the hooks, which the routes of Swagger UI take as well.
  const { auth } = config;
  const client = (clientId: string | undefined) =>
    auth.mode === 'jwt' && clientId !== undefined ? { issuer: auth.issuer, clientId } : undefined;
  await app.register(openapi, { version, mode: auth.mode, oauth: client(config.swaggerOAuthClientId) });

  for (const schema of [...components, Dependency, EntryPage, Operation, PendingChange, Secret]) app.addSchema(schema);
  const { changer, viewer, inspector, instructor, history, legs, granter, pruner, journal, authorizer, clock } =
    services;
  await app.register(flat(shareRoutes), { changer, viewer, instructor, legs, granter, clock });
  await app.register(flat(denialRoutes), { changer, viewer, granter });
  await app.register(flat(restrictionRoutes), { changer, viewer, granter });
  await app.register(flat(policyRoutes), { changer, viewer, history, pruner, clock });
  await app.register(flat(approvalRoutes), services.approvals);
  await app.register(flat(accessRequestRoutes), { ...services.approvals, clock });
  await app.register(flat(secretRoutes), { inspector });
  await app.register(flat(accessCheckRoutes), { checker: services.checker });
  await app.register(flat(authorizationCheckRoutes), { checker: services.authorizationChecker });
  await app.register(flat(meRoutes), { authorizer });
  await app.register(flat(readerRoutes), { readers: services.readers });
  await app.register(flat(templateRoutes), { authorizer });
  await app.register(flat(auditRoutes), {
    ...{ events: services.events, changes: services.recordedChanges, journal, authorizer, clock },
  });
  await app.register(flat(bulkRoutes), { bulk: services.bulk, clock });
  await app.register(flat(manifestRoutes), services.manifests);
  await app.register(flat(operationRoutes), { bulk: services.bulk });
  await app.register(flat(estateRoutes), services.estate);
  await app.register(flat(incidentRoutes), { incidents: services.incidents });
  const consoleClient = client(config.consoleOAuthClientId);
  await app.register(flat(consoleRoutes), { signIn: consoleClient && createSignIn(consoleClient, app.log) });
  await app.register(flat(problemRoutes));
  await app.register(flat(metricRoutes), { page: services.metricsPage });
  await app.register(flat(healthRoutes), { health: { ...services.health, isClosing: app.isClosing } });
  await app.ready();
  return app;
}
