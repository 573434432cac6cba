import Type from 'typebox';
import { choicesInWords, requestMembers } from '../../src/policy/entries/request.ts';
import { anyObject, moment, NamedSecret, nullable } from '../fields.ts';
import { expiresIn, reason, ticket } from '../parameters.ts';

export const ShareRequest = Type.Object(
  {
    ...requestMembers('share'),
    expiresIn,
    acknowledgeEscalation: Type.Optional(
      Type.Boolean({ description: 'Yes, the grantee may change this policy itself (needed for `secretsmanager:*`).' }),
    ),
    acknowledgeUnreadable: Type.Optional(
      Type.Boolean({ description: 'Share although the secret’s key can’t be used across accounts.' }),
    ),
    grantKey: Type.Optional(
      Type.Boolean({
        description:
          'Make the key leg too: a KMS grant that decrypts this one secret for the principal, in each Region. It is revoked with the share.',
      }),
    ),
    complete: Type.Optional(
      Type.Boolean({
        description:
          'Make every leg that may be made from here: as `grantKey` where KMS makes such a grant. What can’t be made stands in `legs`, with the statement to paste.',
      }),
    ),
    reason,
    ticket,
  },
  {
    $id: 'ShareRequest',
    additionalProperties: false,
    description: `Whom to share with (exactly one of ${choicesInWords('share')}), what for, and until when.`,
    examples: [
      {
        principal: 'arn:aws:iam::123456789999:user/Mary',
        reason: 'Mary runs the monthly report',
        ticket: 'OPS-1234',
      },
      {
        principal: 'arn:aws:iam::123456789999:user/Mary',
        actions: ['secretsmanager:*'],
        acknowledgeEscalation: true,
        reason: 'Mary looks after the secret, its policy too',
      },
      { principal: '222222222222', expiresAt: '2030-01-01T00:00:00Z', reason: 'A whole account, until 2030' },
      { principal: '222222222222', expiresIn: '30d', reason: 'A whole account, for 30 days' },
      { organization: 'o-local00001', reason: 'Everybody in our organization' },
      { organizationalUnit: 'o-local00001/r-root/ou-root-workload', reason: 'The accounts of one unit' },
      { permissionSet: { name: 'Ops', account: '222222222222' }, reason: 'Whoever signs in there as Ops' },
      { service: { name: 'appflow.amazonaws.com', sourceAccount: '222222222222' }, reason: 'Flows of that account' },
      { principal: 'arn:aws:iam::222222222222:role/app', grantKey: true, reason: 'The key leg too, by a KMS grant' },
      { principal: '222222222222', complete: true, reason: 'All that the owner’s side takes, by one call' },
    ],
  },
);

export const ShareInstructions = Type.Object(
  {
    who: Type.String({ description: 'Whom the share is with, in words.' }),
    secret: NamedSecret,
    regions: Type.Array(
      Type.Object({
        region: Type.String({ description: 'The secret’s own Region first, then those of its replicas.' }),
        arn: Type.String({ description: 'By which a reader of another account names the secret there.' }),
      }),
      { description: 'Where it can be read.' },
    ),
    actions: Type.Array(Type.String(), { description: 'What the share is for.' }),
    conditions: Type.Array(Type.String(), { description: 'When it holds, in words.' }),
    expiresAt: nullable(moment('RFC 3339.'), 'When it ends; null: not by itself.'),
    identityPolicy: nullable(
      anyObject('A whole policy.'),
      'To be attached in the reader’s account; null where it needs none.',
    ),
    serviceAccountAnnotation: nullable(
      Type.String({ examples: ['eks.amazonaws.com/role-arn: arn:aws:iam::222222222222:role/app'] }),
      'Of a share with a role: the annotation with which a service account of Amazon EKS has its pods read with it.',
    ),
    open: Type.Array(Type.String(), {
      description:
        'What is not done, or not known to be, beside the identity policy: on the owner’s side, and what binds the reader. In words.',
    }),
    commands: nullable(
      Type.Object({
        cli: Type.String({ description: 'A command of the AWS CLI.' }),
        javascript: Type.String({ description: 'With the AWS SDK for JavaScript.' }),
        python: Type.String({ description: 'With boto3.' }),
      }),
      'How the value is read; null where the share is not for that, or an AWS service reads it.',
    ),
    markdown: Type.String({ description: 'All of it, for people.' }),
  },
  { $id: 'ShareInstructions', description: 'What a share takes on the reader’s side.' },
);
