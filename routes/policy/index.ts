import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Changer } from '../../src/access/approvals/request-change.ts';
import { adoptStatement } from '../../src/access/commands/adopt-statement.ts';
import type { ChangeHistory } from '../../src/access/commands/history.ts';
import type { OrphanPruner } from '../../src/access/commands/later/prune-orphans.ts';
import { removeStatement } from '../../src/access/commands/remove-statement.ts';
import { deletePolicy, replacePolicy, rollBack } from '../../src/access/commands/replace-policy.ts';
import { restoreDrift } from '../../src/access/commands/restore-drift.ts';
import type { PolicyViewer } from '../../src/access/looks/view-policy.ts';
import type { Clock } from '../../src/clock.ts';
import { baseOf, requirePrecondition } from '../change-route.ts';
import { ChangeHeaders, DryRun, DryRunWithReason, SecretParams } from '../parameters.ts';
import { attachesNamed, attachesPolicy, attachesValidated, detachesPolicy, looksAtPolicy } from '../refusals.ts';
import { answers, changes, ETAG } from '../responses.ts';
import { ref } from '../schemas.ts';
import {
  AdoptRequest,
  AttachedPolicy,
  PolicyPut,
  PruneRequest,
  PutHeaders,
  RestoreDriftRequest,
  RollbackRequest,
  StatementParams,
} from './schemas.ts';

type Options = {
  changer: Changer;
  viewer: PolicyViewer;
  history: ChangeHistory;
  pruner: OrphanPruner;
  clock: Clock;
};

export const policyRoutes: FastifyPluginAsyncTypebox<Options> = async (
  app,
  { changer, viewer, history, pruner, clock },
) => {
  for (const schema of [AttachedPolicy, PolicyPut, RollbackRequest, RestoreDriftRequest, PruneRequest, AdoptRequest])
    app.addSchema(schema);
  const common = { tags: ['Policy'], params: SecretParams };

  app.get(
    '/v1/secrets/:secretId/policy',
    {
      config: { refuses: looksAtPolicy },
      schema: {
        ...common,
        operationId: 'getPolicy',
        summary: 'The policy attached now, and what it means',
        description: 'Read into shares, denials and restrictions; statements of others are listed as `foreign`.',
        response: answers(ref(AttachedPolicy), ETAG),
      },
    },
    async (request, reply) => {
      const attached = await viewer.viewWithMissing(request.identity, request.params.secretId);
      reply.header('etag', attached.etag);
      return attached;
    },
  );

  app.put(
    '/v1/secrets/:secretId/policy',
    {
      config: { changes: true, refuses: [...attachesNamed, 'precondition-required'] },
      schema: {
        ...common,
        operationId: 'putPolicy',
        summary: 'Attach a whole document',
        description: 'What is pasted from the AWS guide. It replaces the policy that you saw, which If-Match names.',
        querystring: DryRunWithReason,
        headers: PutHeaders,
        body: ref(PolicyPut),
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request, { ifNoneMatch: true });
      const { policy, reason, ticket } = 'Statement' in request.body ? { policy: request.body } : request.body;
      const said = { ...(typeof reason === 'string' && { reason }), ...(typeof ticket === 'string' && { ticket }) };
      const ifNoneMatch = request.headers['if-none-match'] === '*';
      const command = await replacePolicy({ ...baseOf(request, said), ifNoneMatch }, policy);
      return reply.answerChange(await changer.change(command));
    },
  );

  app.delete(
    '/v1/secrets/:secretId/policy',
    {
      config: { changes: true, refuses: [...detachesPolicy, 'precondition-required'] },
      schema: {
        ...common,
        operationId: 'deletePolicy',
        summary: 'Detach the policy',
        description: 'Every share, denial and restriction ends, and so do the statements of others.',
        querystring: DryRunWithReason,
        headers: ChangeHeaders,
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request);
      return reply.answerChange(await changer.change(deletePolicy(baseOf(request))));
    },
  );

  app.post(
    '/v1/secrets/:secretId/policy/rollback',
    {
      config: { changes: true, refuses: [...attachesValidated, 'precondition-required', 'change-not-found'] },
      schema: {
        ...common,
        operationId: 'rollBackPolicy',
        summary: 'Go back to before a change',
        description: 'Attaches the document from before that change, as the audit log has it.',
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(RollbackRequest),
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request);
      const { changeId, ...said } = request.body;
      const document = await history.policyBefore(request.params.secretId, changeId);
      const base = baseOf(request, said);
      return reply.answerChange(await changer.change(await rollBack(base, changeId, document)));
    },
  );

  app.post(
    '/v1/secrets/:secretId/policy/restore-drift',
    {
      config: { bodyOptional: true, changes: true, refuses: [...attachesValidated, 'precondition-required'] },
      schema: {
        ...common,
        operationId: 'restoreDrift',
        summary: 'Put back what somebody else dropped',
        description:
          'The shares, denials and restrictions that GET …/policy lists as `missing` are added again. What others added stays.',
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(RestoreDriftRequest),
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request);
      return reply.answerChange(await changer.change(restoreDrift(baseOf(request, request.body), clock())));
    },
  );

  app.delete(
    '/v1/secrets/:secretId/policy/statements/:statementHash',
    {
      config: { changes: true, refuses: [...attachesPolicy, 'precondition-required', 'statement-not-found'] },
      schema: {
        ...common,
        params: StatementParams,
        operationId: 'removeStatement',
        summary: 'Remove one statement of others',
        description: 'Takes one foreign statement out of the policy, and leaves everything else as it is.',
        querystring: DryRunWithReason,
        headers: ChangeHeaders,
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request);
      return reply.answerChange(await changer.change(removeStatement(baseOf(request), request.params.statementHash)));
    },
  );

  app.post(
    '/v1/secrets/:secretId/policy/adopt',
    {
      config: {
        changes: true,
        refuses: [...attachesPolicy, 'statement-not-found', 'statement-not-adoptable'],
      },
      schema: {
        ...common,
        operationId: 'adoptStatement',
        summary: 'Make a statement of others one of ours',
        description:
          'A foreign statement that a template says to the letter becomes a share, a denial or a restriction: it is listed, ' +
          'expires and is revoked as those are. Who may do what stays as it is.',
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(AdoptRequest),
        response: changes(),
      },
    },
    async (request, reply) => {
      const { hash, ...said } = request.body;
      return reply.answerChange(await changer.change(adoptStatement(baseOf(request, said), hash)));
    },
  );

  app.post(
    '/v1/secrets/:secretId/policy/prune',
    {
      config: { bodyOptional: true, changes: true, refuses: [...attachesPolicy, 'precondition-required'] },
      schema: {
        ...common,
        operationId: 'pruneOrphans',
        summary: 'Remove entries of deleted principals',
        description:
          'AWS shows a unique id (`AROA…`, `AIDA…`) in the place of a deleted role or user, and takes no further change ' +
          'while one is there. An entry goes once it has been seen so for five minutes; with `includeForeign` the id also goes ' +
          'out of statements of others, which then mean the same. A dry run shows it first.',
        querystring: DryRun,
        headers: ChangeHeaders,
        body: ref(PruneRequest),
        response: changes(),
      },
    },
    async (request, reply) => {
      requirePrecondition(request);
      const { includeForeign = false, ...said } = request.body;
      return reply.answerChange(await changer.change(await pruner.command(baseOf(request, said), { includeForeign })));
    },
  );
};
