import Type from 'typebox';
import { GET_SECRET_VALUE, secretActions } from '../../src/policy/actions.ts';
import { PrincipalName } from '../../src/policy/entries/templates/kinds/parameters.ts';
import { anyObject, NamedSecret } from '../fields.ts';
import { Leg, PolicyJson, ref } from '../schemas.ts';

const ContextValue = Type.String({ maxLength: 1024 });

const Context = Type.Record(
  Type.String({ pattern: '^(permissionsBoundary|[A-Za-z0-9-]{1,32}:[\\w .:/=+@-]{1,256})$' }),
  Type.Union([ContextValue, Type.Array(ContextValue, { maxItems: 20 })]),
  {
    additionalProperties: false,
    maxProperties: 50,
    description:
      'What is known of the call, as AWS condition keys: `aws:SourceIp`, `aws:SourceVpce`, `aws:PrincipalOrgID`, ' +
      '`aws:PrincipalTag/team`, `secretsmanager:VersionStage` … A text for a single value, a list for a multivalued ' +
      'key, an empty list to say that the call has no such key. One is none of AWS’s: `permissionsBoundary`, an empty list ' +
      'where the principal has none (on it hangs whom NotPrincipal excepts). What is not given is not known, except: the principal ' +
      'calls Secrets Manager itself (`aws:ViaAWSService` is `false`), over TLS, now, in the secret’s Region, by the ' +
      'secret’s full ARN.',
    examples: [{ 'aws:SourceIp': '203.0.113.10', 'secretsmanager:VersionStage': 'AWSCURRENT' }],
  },
);

export const AccessCheckRequest = Type.Object(
  {
    principal: Type.Unsafe<string>({
      ...PrincipalName,
      description:
        'Who: an account (its 12-digit id or root ARN), or the ARN of a user, a role, an assumed-role session or a ' +
        'federated user. An account stands for whoever of its principals may call.',
    }),
    action: Type.Optional(
      Type.Enum(
        secretActions.filter((action) => action !== 'secretsmanager:*'),
        { default: GET_SECRET_VALUE, description: 'What it wants to do, as IAM names it.' },
      ),
    ),
    context: Type.Optional(Context),
    identityPolicies: Type.Optional(
      Type.Array(ref(PolicyJson), {
        maxItems: 20,
        description:
          'The identity policies of the principal, where you know them. Then they count, and nothing of them is unknown.',
      }),
    ),
  },
  {
    $id: 'AccessCheckRequest',
    additionalProperties: false,
    description: 'Who would call, what for, and what is known of the call.',
    examples: [
      { principal: 'arn:aws:iam::123456789999:user/Mary' },
      {
        principal: 'arn:aws:iam::123456789999:user/Mary',
        action: 'secretsmanager:GetSecretValue',
        context: { 'aws:SourceIp': '203.0.113.10', 'aws:PrincipalOrgID': 'o-local00001' },
        identityPolicies: [
          {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'kms:Decrypt'], Resource: '*' }],
          },
        ],
      },
    ],
  },
);

export const Decision = Type.Enum(['allowed', 'explicitlyDenied', 'implicitlyDenied', 'unknown'], {
  description:
    '`allowed`: a statement allows it and none denies it. `explicitlyDenied`: a Deny applies, and beats every Allow. ' +
    '`implicitlyDenied`: no Allow applies; of a set of callers a Deny may hit some besides. `unknown`: it depends on what `dependsOn` says. It is of the policies that were ' +
    'seen: `allowed` holds once every leg that is not `done` does.',
});

export const Dependency = Type.Object(
  {
    key: Type.String({
      description:
        'The condition key to give in `context`; `permissionsBoundary`, which goes there too; or `identityPolicies`, `Principal`, `NotPrincipal`.',
    }),
    description: Type.String({ description: 'What it hangs on, in plain words.' }),
  },
  { $id: 'Dependency', description: 'One thing that the decision hangs on and that is not known.' },
);

/** Somebody of a set for whom the decision is another. @param because where the statements stand, or they themselves */
export const exceptionsOf = (because: Type.TSchema) =>
  Type.Array(
    Type.Object({
      principal: Type.String({ description: 'Its ARN; an account’s root ARN, an organization’s id.' }),
      decision: Decision,
      because: Type.Array(because, { description: 'The statements that decide, or could.' }),
    }),
    {
      description:
        'Those of an account, an organization or everybody for whom it is not so, and those sessions of a role: the ' +
        'decision is of all others.',
    },
  );

export const AccessCheck = Type.Object(
  {
    secret: NamedSecret,
    principal: Type.String({ description: 'Its ARN; an account’s root ARN.' }),
    action: Type.String({ description: 'What was asked about.' }),
    decision: Decision,
    because: Type.Array(Type.Unsafe<object>({ type: 'object', additionalProperties: true }), {
      description: 'The statements that decide, or could; none for an implicit denial.',
    }),
    exceptions: exceptionsOf(anyObject('A statement.')),
    dependsOn: Type.Array(ref(Dependency), { description: 'Empty unless the decision is `unknown`.' }),
    legs: Type.Array(ref(Leg), {
      description: 'The secret’s policy, the key and the identity policy: reading across accounts takes all three.',
    }),
    notes: Type.Array(Type.String(), { description: 'What this answer can’t tell, in plain words.' }),
  },
  { $id: 'AccessCheck', description: 'What the attached policy says of one call, and what else the call depends on.' },
);
