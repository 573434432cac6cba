import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ReaderLister } from '../../src/access/judge/list-readers.ts';
import { PagingQuery, SecretParams } from '../parameters.ts';
import { looksAtPolicy } from '../refusals.ts';
import { answers } from '../responses.ts';
import { ref } from '../schemas.ts';
import { ReaderPage, readerComponents } from './schemas.ts';

export const readerRoutes: FastifyPluginAsyncTypebox<{ readers: ReaderLister }> = async (app, { readers }) => {
  for (const schema of readerComponents) app.addSchema(schema);

  app.get(
    '/v1/secrets/:secretId/readers',
    {
      config: { refuses: looksAtPolicy },
      schema: {
        tags: ['Look'],
        operationId: 'listReaders',
        summary: 'Who can read the secret?',
        description:
          'Everyone whom the policy attached now lets read the secret’s value, whoever wrote the statement: accounts, ' +
          'users, roles, organizations, services. Each with the statements that let it in or deny it, until when, and ' +
          'what it depends on. An account or organization is `allowed` when all of it is, and `unknown` when it ' +
          'depends on which of its principals calls. Shares that have expired, and those of deleted principals, are ' +
          'listed and marked. `denied` lists whom a Deny names and no Allow does.',
        params: SecretParams,
        querystring: PagingQuery,
        response: answers(ref(ReaderPage)),
      },
    },
    async (request) => readers.list(request.identity, request.params.secretId, request.query),
  );
};
