import { readFileSync } from 'node:fs';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyServerOptions, LogController } from 'fastify';
import changeId from '../plugins/change-id.ts';
import idempotency from '../plugins/idempotency.ts';
import identity from '../plugins/identity.ts';
import openapi from '../plugins/openapi.ts';
import problems, { sendProblem, toDomainError } from '../plugins/problems/index.ts';
import requestContext, { requestIdOf } from '../plugins/request-context.ts';
import strictInput, { strictCompilers } from '../plugins/strict-input.ts';
import { accessCheckRoutes } from '../routes/access-checks/index.ts';
import { Dependency } from '../routes/access-checks/schemas.ts';
import { auditRoutes } from '../routes/audit-events/index.ts';
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
import { createServices, type ServiceOverrides } from './services.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

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
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    schemaController: strictCompilers,
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, toDomainError(error)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const services = await createServices(config, app.log, overrides);
  app.addHook('preClose', () => services.changer.close());
  app.addHook('onClose', () => services.close());
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });

  await app.register(requestContext);
  await app.register(problems);
  await app.register(strictInput);
  await app.register(openapi, {
    version,
    ...(config.swaggerOAuthClientId !== undefined && { oauthClientId: config.swaggerOAuthClientId }),
  });
  await app.register(identity, { authenticator: services.authenticator });
  await app.register(changeId, { newChangeId: services.newChangeId });
  await app.register(idempotency, { store: services.idempotency, resume: services.resume });

  for (const schema of [...components, Dependency, EntryPage, Secret]) app.addSchema(schema);
  const { changer, reader, inspector, history, legs, journal, authorizer, now } = services;
  await app.register(shareRoutes, { changer, reader, legs, now });
  await app.register(denialRoutes, { changer, reader });
  await app.register(restrictionRoutes, { changer, reader });
  await app.register(policyRoutes, { changer, reader, history, now });
  await app.register(secretRoutes, { inspector });
  await app.register(accessCheckRoutes, { checker: services.checker });
  await app.register(readerRoutes, { readers: services.readers });
  await app.register(templateRoutes, { authorizer });
  await app.register(auditRoutes, { trail: journal, authorizer });
  await app.register(problemRoutes);
  await app.register(healthRoutes, { health: { ...services.health, isClosing: () => closing } });
  await app.ready();
  return app;
}
