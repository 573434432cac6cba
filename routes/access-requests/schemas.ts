import Type from 'typebox';
import { ExpiresAt, PrincipalName } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { shareParameters } from '../../src/policy/entries/templates/kinds/share-conditions.ts';
import { AccessRequest, ApprovalParams, ApprovalsQuery } from '../approvals/schemas.ts';
import { expiresIn, reason, SecretId, ticket } from '../parameters.ts';
import { page, ref } from '../schemas.ts';

export const RequestAccessRequest = Type.Object(
  {
    secretId: SecretId,
    principal: PrincipalName,
    actions: Type.Optional(shareParameters.actions),
    expiresAt: Type.Optional(ExpiresAt),
    expiresIn,
    reason: Type.String({ ...reason, minLength: 1, description: 'Why: whoever decides reads it.' }),
    ticket,
  },
  {
    $id: 'RequestAccessRequest',
    additionalProperties: false,
    description: 'Who wants to read what, why, and until when: by `expiresIn` or `expiresAt`.',
    examples: [
      {
        secretId: 'demo/database',
        principal: 'arn:aws:iam::123456789999:user/Mary',
        expiresIn: '30d',
        reason: 'I run the monthly report',
      },
    ],
  },
);

export const AccessRequestsQuery = Type.Pick(ApprovalsQuery, ['status', 'limit', 'cursor'], {
  additionalProperties: false,
});

export const AccessRequestParams = Type.Object({
  accessRequestId: Type.String({
    ...ApprovalParams.properties.approvalId,
    description: 'The `approvalId` that the request was answered with; your list shows it too.',
  }),
});

export const AccessRequestPage = page(ref(AccessRequest), 'AccessRequestPage');
