import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Changer } from '../src/access/approvals/request-change.ts';
import { revokeAccess } from '../src/access/commands/revoke-access.ts';
import type { KeyGranter } from '../src/access/grants/key-granter.ts';
import type { PolicyViewer } from '../src/access/looks/view-policy.ts';
import type { EntryKind } from '../src/policy/entries/templates/kinds/template.ts';
import { baseOf } from './change-route.ts';
import { ChangeHeaders, DryRunWithReason, entryParams, PagingQuery, SecretParams } from './parameters.ts';
import { attachesPolicy, looksAtPolicy, revokesShare } from './refusals.ts';
import { answers, changes } from './responses.ts';
import { Entry, page, ref } from './schemas.ts';

export type EntryRoutes = { changer: Changer; viewer: PolicyViewer; granter: KeyGranter };

export const EntryPage = page(ref(Entry), 'AccessEntryPage');

/** List, read and revoke: the same for shares, denials and restrictions. */
export function entryRoutes(kind: EntryKind, tag: string): FastifyPluginAsyncTypebox<EntryRoutes> {
  const list = `${kind}s` as const;
  const id = `${kind}Id` as const;
  return async (app, { changer, viewer, granter }) => {
    app.get(
      `/v1/secrets/:secretId/${list}`,
      {
        config: { refuses: looksAtPolicy },
        schema: {
          tags: [tag],
          operationId: `list${title(list)}`,
          summary: `List the ${list} of a secret`,
          description: `The ${list} that the attached policy holds now, in the order of their ids.`,
          params: SecretParams,
          querystring: PagingQuery,
          response: answers(ref(EntryPage)),
        },
      },
      async (request) => viewer.list(request.identity, request.params.secretId, kind, request.query),
    );

    app.get(
      `/v1/secrets/:secretId/${list}/:${id}`,
      {
        config: { refuses: [...looksAtPolicy, `${kind}-not-found`] },
        schema: {
          tags: [tag],
          operationId: `get${title(kind)}`,
          summary: `Read one ${kind}`,
          description: `One ${kind} of the attached policy.`,
          params: entryParams(kind),
          response: answers(ref(Entry)),
        },
      },
      async (request) => viewer.entry(request.identity, request.params.secretId, kind, String(request.params[id])),
    );

    app.delete(
      `/v1/secrets/:secretId/${list}/:${id}`,
      {
        config: {
          changes: true,
          takesAway: kind === 'share',
          refuses: [...(kind === 'share' ? revokesShare : attachesPolicy), `${kind}-not-found`],
        },
        schema: {
          tags: [tag],
          operationId: `revoke${title(kind)}`,
          summary: `Revoke a ${kind}`,
          description: `Takes one ${kind} out of the policy, and leaves everything else as it is.`,
          params: entryParams(kind),
          querystring: DryRunWithReason,
          headers: ChangeHeaders,
          response: changes(),
        },
      },
      async (request, reply) => {
        const command = revokeAccess(baseOf(request), kind, String(request.params[id]), granter);
        return reply.answerChange(await changer.change(command));
      },
    );
  };
}

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
