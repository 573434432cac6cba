import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ManifestExporter } from '../../src/access/manifests/export-manifest.ts';
import type { ManifestPlanner } from '../../src/access/manifests/plan-manifest.ts';
import type { ProblemCode } from '../../src/problems/table.ts';
import { Operation } from '../operations/schemas.ts';
import { DryRun, IdempotencyHeader } from '../parameters.ts';
import { attachesValidated, beginsOperation, looksAtPolicy, shares } from '../refusals.ts';
import { answers, begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import { components, ExportQuery, Manifest, ManifestApplication, ManifestPlan, ManifestRequest } from './schemas.ts';

/** A hundred secrets with ten entries each. */
const BODY_LIMIT = 1024 * 1024;

/** What AWS says to a Put alone, or of a policy that was seen before, comes when it is carried out. */
const LATER: readonly ProblemCode[] = ['secret-managed-by-service', 'policy-changed'];
const plans = [...new Set([...attachesValidated, ...shares])].filter((code) => !LATER.includes(code));

/** Desired state: the complete list of our entries for each secret that is named. */
export const manifestRoutes: FastifyPluginAsyncTypebox<{
  planner: ManifestPlanner;
  exporter: ManifestExporter;
}> = async (app, { planner, exporter }) => {
  for (const schema of components) app.addSchema(schema);
  const common = { tags: ['Manifests'] };

  app.post(
    '/v1/manifests/plan',
    {
      bodyLimit: BODY_LIMIT,
      config: { refuses: plans },
      schema: {
        ...common,
        operationId: 'planManifest',
        summary: 'What applying a manifest would do',
        description:
          'A manifest is the complete list of the shares, denials and restrictions that each secret is to have: what is not ' +
          'listed goes, and statements of others stay. Nothing is written. A share that has expired is not wanted any more.',
        body: ref(ManifestRequest),
        response: answers(ref(ManifestPlan)),
      },
    },
    async (request) => {
      request.spendItems(Object.keys(request.body.secrets).length);
      return planner.plan(request.requester(), request.body.secrets);
    },
  );

  app.post(
    '/v1/manifests/apply',
    {
      bodyLimit: BODY_LIMIT,
      config: {
        changes: true,
        asksFirst: 'startOperation',
        refuses: [...new Set([...plans, ...beginsOperation, 'policy-changed'] as const)],
      },
      schema: {
        ...common,
        operationId: 'applyManifest',
        summary: 'Make it so',
        description:
          'Each secret is one change like any other: guardrails, approvals, audit log. It is planned anew first, and refused as ' +
          'a whole where the plan would be; then it answers with an operation, which goes on in the background, over ' +
          'restarts too. A second time there is nothing to do.',
        querystring: DryRun,
        headers: IdempotencyHeader,
        body: ref(ManifestApplication),
        response: begins(ref(Operation)),
      },
    },
    async (request, reply) => {
      const { secrets, plan, reason = null, ticket = null } = request.body;
      request.spendItems(Object.keys(secrets).length);
      const order = { id: request.changeId, plan, dryRun: request.query.dryRun ?? false, reason, ticket };
      const operation = await planner.apply(request.requester(), secrets, order);
      return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
    },
  );

  app.get(
    '/v1/manifests/export',
    {
      config: { refuses: looksAtPolicy },
      schema: {
        ...common,
        operationId: 'exportManifest',
        summary: 'What is there, as a manifest',
        description:
          'Of the secrets that are named: the shares, denials and restrictions of each, as their requests say them.',
        querystring: ExportQuery,
        response: answers(ref(Manifest)),
      },
    },
    async ({ identity, query }) => ({ secrets: await exporter.export(identity, query.secretId) }),
  );
};
