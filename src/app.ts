import { readFileSync } from 'node:fs';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import changeId from '../plugins/change-id.ts';
import httpLimits, { answerClientError, httpServer } from '../plugins/http-limits.ts';
import idempotency from '../plugins/idempotency.ts';
import identity from '../plugins/identity.ts';
import jsonBody from '../plugins/json-body.ts';
import notFound from '../plugins/not-found.ts';
import openapi from '../plugins/openapi/index.ts';
import pressure from '../plugins/pressure.ts';
import problems, { sendProblem, toDomainError } from '../plugins/problems/index.ts';
import rateLimit from '../plugins/rate-limit.ts';
import requestContext, { requestIdOf } from '../plugins/request-context.ts';
import securityHeaders from '../plugins/security-headers.ts';
import strictInput, { strictCompilers } from '../plugins/strict-input.ts';
import { accessCheckRoutes } from '../routes/access-checks/index.ts';
import { Dependency } from '../routes/access-checks/schemas.ts';
import { accessPageRoutes } from '../routes/access-page/index.ts';
import { approvalRoutes } from '../routes/approvals/index.ts';
import { PendingChange } from '../routes/approvals/schemas.ts';
import { auditRoutes } from '../routes/audit-events/index.ts';
import { authorizationCheckRoutes } from '../routes/authorization-checks/index.ts';
import { bulkRoutes } from '../routes/bulk/index.ts';
import { denialRoutes } from '../routes/denials/index.ts';
import { EntryPage } from '../routes/entries.ts';
import { healthRoutes } from '../routes/health/index.ts';
import { policyRoutes } from '../routes/policy/index.ts';
import { problemRoutes } from '../routes/problems/index.ts';
import { readerRoutes } from '../routes/readers/index.ts';
import { restrictionRoutes } from '../routes/restrictions/index.ts';
import { components } from '../routes/schemas.ts';
import { secretRoutes } from '../routes/secrets/index.ts';
import { Secret } from '../routes/secrets/schemas.ts';
import { shareRoutes } from '../routes/shares/index.ts';
import { templateRoutes } from '../routes/templates/index.ts';
import type { Config } from './config.ts';
import { createServices, type ServiceOverrides, type Services } from './services.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

declare module 'fastify' {
  interface FastifyInstance {
    /** The use cases, for whoever runs the app without HTTP. */
    services: Services;
  }
}

export type App = Awaited<ReturnType<typeof buildApp>>;

/**
 * The whole service, not listening yet: the only place that wires. Plugins and routes are registered in an explicit
 * order; nothing is loaded by itself.
 * @throws Error when the database, the guardrails or the key file can't be used
 */
export async function buildApp(
  config: Config,
  overrides: ServiceOverrides & Pick<FastifyServerOptions, 'loggerInstance'>,
) {
  const app = fastify({
    ...(overrides.loggerInstance && { loggerInstance: overrides.loggerInstance }),
    genReqId: requestIdOf,
    logController: new LogController({ requestIdLogLabel: 'requestId' }),
    bodyLimit: config.requestBodyLimit,
    trustProxy: config.trustProxy === false ? false : config.trustProxy,
    routerOptions: { maxParamLength: 2048 },
    ...httpServer,
    schemaController: strictCompilers,
    clientErrorHandler(this: FastifyInstance, error, socket) {
      answerClientError(error, socket, this.log);
    },
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, toDomainError(error)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const services = await createServices(config, app.log, overrides);
  app.decorate('services', services);
  app.addHook('preClose', () => services.changer.close());
  app.addHook('onClose', () => services.close());
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });

  // Hooks run in this order. First what every answer bears, refusals too; then what is cheap to refuse; then who calls,
  // which is what a request counts against; only then what is asked for.
  await app.register(requestContext);
  await app.register(problems);
  await app.register(securityHeaders);
  await app.register(httpLimits);
  await app.register(pressure);
  await app.register(rateLimit, { max: config.rateLimitMax });
  await app.register(identity, { authenticator: services.authenticator });
  await app.register(notFound);
  await app.register(strictInput);
  await app.register(jsonBody);
  await app.register(changeId, { newChangeId: services.newChangeId });
  await app.register(idempotency, { store: services.idempotency, resume: services.resume });
  // Before the routes, which it collects; after the hooks, which the routes of Swagger UI take as well.
  const { auth, swaggerOAuthClientId: clientId } = config;
  const oauth = auth.mode === 'jwt' && clientId !== undefined && { issuer: auth.issuer, clientId };
  await app.register(openapi, { version, ...(oauth && { oauth }) });

  for (const schema of [...components, Dependency, EntryPage, PendingChange, Secret]) app.addSchema(schema);
  const { desk: changer, reader, inspector, history, legs, granter, pruner, journal, authorizer, now } = services;
  await app.register(shareRoutes, { changer, reader, legs, granter, now });
  await app.register(denialRoutes, { changer, reader, granter });
  await app.register(restrictionRoutes, { changer, reader, granter });
  await app.register(policyRoutes, { changer, reader, history, pruner, now });
  await app.register(approvalRoutes, { reader: services.approvalReader, decider: services.approvalDecider });
  await app.register(secretRoutes, { inspector });
  await app.register(accessCheckRoutes, { checker: services.checker });
  await app.register(authorizationCheckRoutes, { checker: services.authorizationChecker });
  await app.register(readerRoutes, { readers: services.readers });
  await app.register(templateRoutes, { authorizer });
  await app.register(auditRoutes, { trail: journal, authorizer });
  await app.register(bulkRoutes, { bulk: services.bulk });
  await app.register(accessPageRoutes);
  await app.register(problemRoutes);
  await app.register(healthRoutes, { health: { ...services.health, isClosing: () => closing } });
  await app.ready();
  return app;
}
