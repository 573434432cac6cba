import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { whySaid } from '../../src/access/guard/guard-context.ts';
import { type Incidents, UNCONFIRMED } from '../../src/access/incidents/incidents.ts';
import type { IncidentPlan as Planned } from '../../src/access/incidents/plan/plan-incident.ts';
import { IdempotencyHeader, PagingQuery } from '../parameters.ts';
import { beginsOperation, looksAtDatabase } from '../refusals.ts';
import { answers, begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import {
  IncidentDetail,
  IncidentPage,
  IncidentParams,
  IncidentPlan,
  IncidentQuery,
  IncidentRequest,
  IncidentSecretPage,
  incidentComponents,
  LiftPlan,
  LiftRequest,
} from './schemas.ts';

const BODY_LIMIT = 1024 * 1024;

/** For whoever is on call: docs/operations.md. */
export const incidentRoutes: FastifyPluginAsyncTypebox<{ incidents: Incidents }> = async (app, { incidents }) => {
  for (const schema of incidentComponents) app.addSchema(schema);
  const common = { tags: ['Incidents'] };
  const sees = ['forbidden', ...looksAtDatabase] as const;

  app.post(
    '/v1/incidents',
    {
      bodyLimit: BODY_LIMIT,
      config: {
        changes: true,
        takesAway: true,
        refuses: [...beginsOperation, 'principal-not-nameable', 'partition-mismatch', 'incident-not-confirmed'],
      },
      schema: {
        ...common,
        operationId: 'beginIncident',
        summary: 'Freeze secrets, or evict somebody from all of them',
        description:
          '`freeze` denies reading to everybody but the exceptions; `evict` denies an account or principal everywhere, and takes ' +
          'its shares and key grants. Secrets are chosen from the estate, as last seen. It goes on in the background, ahead of ' +
          'all else and over restarts, each secret by one change under the guardrails `freeze` and `evict`. `dryRun=true` says ' +
          'how many secrets these are, who is hit, and what to rotate; its `token` is needed for more than 20 secrets.',
        querystring: IncidentQuery,
        headers: IdempotencyHeader,
        body: ref(IncidentRequest),
        response: { ...answers(ref(IncidentPlan)), ...begins(ref(IncidentDetail)) },
      },
    },
    async (request, reply) => {
      const { token, reason = null, ticket = null, ...asked } = request.body;
      if (request.query.dryRun === true) {
        const said = whySaid({ reason, ticket }, true);
        return reply.code(200).send(shownPlan(await incidents.plan(request.identity, asked, said)));
      }
      const order = { id: request.changeId, reason, ticket, token };
      const begun = await incidents.begin(request.requester(), asked, order);
      return reply.code(202).header('location', `/v1/incidents/${begun.id}`).send(begun);
    },
  );

  app.get(
    '/v1/incidents',
    {
      config: { refuses: sees },
      schema: {
        ...common,
        operationId: 'listIncidents',
        summary: 'Incidents, newest first',
        description: 'For who may lift them, or read the audit log.',
        querystring: PagingQuery,
        response: answers(ref(IncidentPage)),
      },
    },
    async ({ identity, query: { limit = 100, cursor } }) => incidents.list(identity, { limit, cursor }),
  );

  app.get(
    '/v1/incidents/:incidentId',
    {
      config: { refuses: [...sees, 'incident-not-found'] },
      schema: {
        ...common,
        operationId: 'getIncident',
        summary: 'How far an incident is, and what is left to do',
        description: 'What is denied, what is not and why, and what to rotate.',
        params: IncidentParams,
        response: answers(ref(IncidentDetail)),
      },
    },
    async ({ identity, params }) => incidents.find(identity, params.incidentId),
  );

  app.get(
    '/v1/incidents/:incidentId/secrets',
    {
      config: { refuses: [...sees, 'incident-not-found'] },
      schema: {
        ...common,
        operationId: 'listSecretsOfIncident',
        summary: 'What became of each secret of an incident',
        description:
          'All of them, in the order in which they were asked for: what is not denied, and why, and what to rotate. Secrets that ' +
          'guardrails hide from the caller, who did not begin it, are left out: a page may hold fewer than `limit`.',
        params: IncidentParams,
        querystring: PagingQuery,
        response: answers(ref(IncidentSecretPage)),
      },
    },
    async ({ identity, params, query: { limit = 50, cursor } }) =>
      incidents.secrets(identity, params.incidentId, { limit, cursor }),
  );

  app.post(
    '/v1/incidents/:incidentId/lift',
    {
      config: {
        bodyOptional: true,
        changes: true,
        refuses: [...beginsOperation, 'incident-not-found', 'incident-running'],
      },
      schema: {
        ...common,
        operationId: 'liftIncident',
        summary: 'Undo an incident',
        description:
          'Takes out just what the incident added, and gives back what it took, unless that has expired since. What it has not ' +
          'done yet is not begun any more. Where nothing else has changed, policies are as before. A second time it lifts what ' +
          'could not be lifted.',
        params: IncidentParams,
        querystring: IncidentQuery,
        headers: IdempotencyHeader,
        body: ref(LiftRequest),
        response: { ...answers(ref(LiftPlan)), ...begins(ref(IncidentDetail)) },
      },
    },
    async (request, reply) => {
      const { incidentId } = request.params;
      const { reason = null, ticket = null } = request.body;
      const dryRun = request.query.dryRun ?? false;
      const order = { id: request.changeId, reason, ticket, dryRun };
      const secrets = await incidents.lift(request.requester(), incidentId, order);
      if (dryRun) return reply.code(200).send({ incidentId, dryRun, secrets });
      const incident = await incidents.find(request.identity, incidentId);
      return reply.code(202).header('location', `/v1/incidents/${incidentId}`).send(incident);
    },
  );
};

const shownPlan = ({ meant, items, refused, hit, rotate, ...plan }: Planned) => ({
  ...{ action: meant.action, dryRun: true, secrets: items.length, shares: plan.shares },
  ...{ refused: refused.slice(0, 100), refusedTotal: plan.refusedTotal, hit: hit.slice(0, 100) },
  ...{ rotate: rotate.slice(0, 1_000), rotateTotal: rotate.length, gaps: plan.gaps },
  ...{ token: plan.token, tokenNeeded: items.length > UNCONFIRMED },
});
