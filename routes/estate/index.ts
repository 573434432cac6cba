import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FindingAcknowledger } from '../../src/estate/lists/acknowledge-finding.ts';
import type { FindingLister } from '../../src/estate/lists/list-findings.ts';
import type { ReadableLister } from '../../src/estate/lists/list-readable.ts';
import type { EstateLister } from '../../src/estate/lists/list-secrets.ts';
import type { EstateViewer } from '../../src/estate/lists/view-estate.ts';
import type { SurveyStarter } from '../../src/estate/survey/start-survey.ts';
import { Operation } from '../operations/schemas.ts';
import { IdempotencyHeader } from '../parameters.ts';
import { beginsOperation, looksAgain, looksAtDatabase } from '../refusals.ts';
import { answers, begins } from '../responses.ts';
import { ref } from '../schemas.ts';
import {
  AcknowledgeRequest,
  Finding,
  FindingPage,
  FindingParams,
  FindingsQuery,
  findingComponents,
} from './findings-schemas.ts';
import {
  Coverage,
  EstateSecretPage,
  EstateSecretsQuery,
  estateComponents,
  PrincipalParams,
  ReadableQuery,
  ReadableSecretPage,
  SurveyRequest,
} from './schemas.ts';

type Listers = { secrets: EstateLister; findings: FindingLister; readable: ReadableLister };

/** Reads what was seen; a principal may be one that no policy can name. */
const looksAtEstate = ['principal-not-nameable', ...looksAgain, ...looksAtDatabase] as const;

export const estateRoutes: FastifyPluginAsyncTypebox<{
  viewer: EstateViewer;
  survey: SurveyStarter;
  listers: Listers;
  acknowledge: FindingAcknowledger;
}> = async (app, { viewer, survey, listers, acknowledge }) => {
  for (const schema of [...findingComponents, ...estateComponents]) app.addSchema(schema);
  const common = { tags: ['Estate'] };

  app.get(
    '/v1/estate',
    {
      config: { refuses: ['forbidden', ...looksAtDatabase] },
      schema: {
        ...common,
        operationId: 'getEstate',
        summary: 'How much of the estate has been seen?',
        description:
          'The accounts and Regions that are surveyed (ESTATE_ACCOUNTS, ESTATE_REGIONS), how many secrets they have, ' +
          'how old the oldest look is, and what could not be looked at, and why.',
        response: answers(ref(Coverage)),
      },
    },
    async ({ identity }) => viewer.coverage(identity),
  );

  app.post(
    '/v1/estate/surveys',
    {
      config: { bodyOptional: true, changes: true, refuses: beginsOperation },
      schema: {
        ...common,
        operationId: 'startSurvey',
        summary: 'Survey the estate now',
        description:
          'Looks again at all secrets, at those of an account or Region, or at one. It answers at once with an operation, ' +
          'which goes on in the background, over restarts too, and takes only what changes leave of AWS’s quota. A survey ' +
          'of the same account and Region that is under way counts.',
        headers: IdempotencyHeader,
        body: ref(SurveyRequest),
        response: begins(ref(Operation)),
      },
    },
    async (request, reply) => {
      const operation = await survey(request.requester(), request.changeId, request.body);
      return reply.code(202).header('location', `/v1/operations/${operation.id}`).send(operation);
    },
  );

  app.get(
    '/v1/estate/secrets',
    {
      config: { refuses: looksAtEstate },
      schema: {
        ...common,
        operationId: 'listEstateSecrets',
        summary: 'Find secrets, over all accounts and Regions',
        description:
          'As surveys last saw them (`asOf`), by ARN: those that the caller may see; with `secret` and `fresh=true` one as ' +
          'AWS shows it now. A page is bounded work: it may hold ' +
          'fewer than `limit`, even none, with a `nextCursor`.',
        querystring: EstateSecretsQuery,
        response: answers(ref(EstateSecretPage)),
      },
    },
    async ({ identity, query: { limit = 100, cursor, ...filter } }) =>
      listers.secrets(identity, { limit, cursor, ...filter }),
  );

  app.get(
    '/v1/principals/:principal/secrets',
    {
      config: { refuses: looksAtEstate },
      schema: {
        ...common,
        operationId: 'listSecretsOfPrincipal',
        summary: 'What can this principal read?',
        description:
          'Over all accounts and Regions: what policies let it read, or may let, and through what (`via`); what is missing ' +
          '(`legs`); what a Deny keeps from it. Of its own account all secrets that an identity policy may open, as `unknown`. ' +
          'As of the last look (`asOf`), with `secret` and `fresh=true` as of now; secrets whose policy was never seen are not in it: GET /v1/estate names them. A ' +
          'page may hold fewer than `limit`, even none, with a `nextCursor`.',
        params: PrincipalParams,
        querystring: ReadableQuery,
        response: answers(ref(ReadableSecretPage)),
      },
    },
    async ({ identity, params: { principal }, query: { limit = 100, cursor, ...asked } }) =>
      listers.readable(identity, { principal, limit, cursor, ...asked }),
  );

  app.get(
    '/v1/findings',
    {
      config: { refuses: [...looksAgain, ...looksAtDatabase] },
      schema: {
        ...common,
        operationId: 'listFindings',
        summary: 'What is wrong?',
        description:
          'What was found with the secrets of all accounts and Regions when they were last looked at, by ARN: only what is ' +
          'certain. They open and close by themselves. With `secret` and `fresh=true` it is looked at first. A page may hold fewer than `limit`, even none, with a `nextCursor`.',
        querystring: FindingsQuery,
        response: answers(ref(FindingPage)),
      },
    },
    async ({ identity, query: { limit = 100, cursor, ...filter } }) =>
      listers.findings(identity, { limit, cursor, ...filter }),
  );

  app.post(
    '/v1/findings/:findingId/acknowledge',
    {
      config: { changes: true, refuses: ['forbidden', 'finding-not-found', 'finding-changed', ...looksAtDatabase] },
      schema: {
        ...common,
        operationId: 'acknowledgeFinding',
        summary: 'Say that a finding may stay for now',
        description:
          'With a reason, until a date: until then it counts as acknowledged, in lists and metrics. It is open again once the ' +
          'date is over, somebody else comes to it, or it ends and comes again. The audit log has it.',
        params: FindingParams,
        headers: IdempotencyHeader,
        body: ref(AcknowledgeRequest),
        response: answers(ref(Finding)),
      },
    },
    async (request) => {
      const { etag, reason, until, ticket = null } = request.body;
      const { findingId: id } = request.params;
      return acknowledge(request.requester(), { id, etag, changeId: request.changeId, reason, until, ticket });
    },
  );
};
