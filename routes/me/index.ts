import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Authorizer } from '../../src/access/guard/authorizer.ts';
import { type Capability, capabilities, capabilitiesOf } from '../../src/access/guard/capabilities.ts';
import { Caller } from '../fields.ts';
import { answers } from '../responses.ts';
import { ref } from '../schemas.ts';

const WORDS: Readonly<Record<Capability, string>> = {
  list: 'List secrets.',
  bulk: 'Begin bulk operations.',
  audit: 'Read the audit log.',
  incident: 'Freeze secrets, or evict somebody from all of them.',
  estate: 'See how far surveys of all accounts are.',
  look: 'See who may read a secret.',
  share: 'Share secrets.',
  deny: 'Deny principals.',
  restrict: 'Restrict secrets to a boundary.',
  revoke: 'Take shares back.',
  replace: 'Attach whole documents.',
  request: 'Ask for access to secrets that others look after.',
  approve: 'Approve or reject what others ask for; the group decides besides.',
};

const Me = Type.Object(
  {
    ...Caller.properties,
    groups: Type.Array(Type.String(), { description: 'Of the token, or of the API key.' }),
    scopes: Type.Array(Type.String(), { description: 'What the token, or the API key, is for.' }),
    capabilities: Type.Object(
      Object.fromEntries(capabilities.map((name) => [name, Type.Boolean({ description: WORDS[name] })])) as Record<
        Capability,
        Type.TBoolean
      >,
      {
        description:
          'What you may do at all. False: the guardrails permit it neither on a secret without tags nor on one of your ' +
          'groups. Whether you may on one secret: POST /v1/authorization-checks.',
      },
    ),
  },
  { $id: 'Me', description: 'Who calls, as the service knows it.' },
);

export const meRoutes: FastifyPluginAsyncTypebox<{ authorizer: Authorizer }> = async (app, { authorizer }) => {
  app.addSchema(Me);
  app.get(
    '/v1/me',
    {
      config: { refuses: [] },
      schema: {
        tags: ['Look'],
        operationId: 'getMe',
        summary: 'Who you are here, and what you may do',
        description: 'From your credentials and the guardrails; AWS is not asked.',
        response: answers(ref(Me)),
      },
    },
    async ({ identity }) => {
      const { subject, issuer, method, groups, scopes } = identity;
      return { subject, issuer, method, groups, scopes, capabilities: capabilitiesOf(authorizer, identity) };
    },
  );
};
