import Type from 'typebox';
import { guardedActions } from '../../src/access/guard/authorizer.ts';
import { choosingSchemas } from '../../src/policy/entries/request.ts';
import { Actions, ExpiresAt } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { reason, SecretId, ticket } from '../parameters.ts';
import { ref } from '../schemas.ts';

export const AuthorizationCheckRequest = Type.Object(
  {
    secretId: Type.Optional(SecretId),
    action: Type.Optional(
      Type.Enum([...guardedActions], { description: 'What you would like to do. Without it: everything is answered.' }),
    ),
    ...choosingSchemas('share'),
    ...choosingSchemas('denial'),
    actions: Type.Optional(Actions),
    conditionKeys: Type.Optional(
      Type.Array(Type.String({ pattern: '^[\\w:./=+@ -]{1,160}$' }), {
        maxItems: 50,
        description: 'Condition keys that the share or restriction would have.',
        examples: [['aws:SourceVpce']],
      }),
    ),
    expiresAt: Type.Optional(ExpiresAt),
    reason,
    ticket,
    dryRun: Type.Optional(Type.Boolean({ description: 'Ask about a dry run.' })),
  },
  {
    $id: 'AuthorizationCheckRequest',
    additionalProperties: false,
    description:
      'A call that you do not make: all is optional. Without `secretId` only calls that are about no secret are answered.',
    examples: [
      { secretId: 'demo/database' },
      {
        secretId: 'demo/database',
        action: 'share',
        principal: 'arn:aws:iam::123456789999:user/Mary',
        expiresAt: '2030-01-01T00:00:00Z',
        reason: 'monthly report',
      },
    ],
  },
);

const AuthorizationAnswer = Type.Object(
  {
    action: Type.Enum([...guardedActions], { description: 'What was asked about.' }),
    allowed: Type.Boolean({ description: 'Whether you may.' }),
    approval: Type.Union([Type.String(), Type.Null()], {
      description: 'The group of which somebody else must approve it first; null when nobody must.',
    }),
    policies: Type.Array(Type.String(), {
      description: 'The guardrails that allow it, or forbid it. Not allowed, and none: no guardrail permits it.',
    }),
  },
  { $id: 'AuthorizationAnswer', description: 'What the guardrails say to you about one action.' },
);

export const AuthorizationCheck = Type.Object(
  { items: Type.Array(ref(AuthorizationAnswer), { description: 'One for each action.' }) },
  { $id: 'AuthorizationCheck', description: 'What the guardrails say to you, action by action.' },
);

export const authorizationCheckComponents = [AuthorizationCheckRequest, AuthorizationAnswer, AuthorizationCheck];
