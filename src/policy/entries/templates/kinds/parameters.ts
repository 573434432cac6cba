import Type, { type Static } from 'typebox';
import { secretActions } from '../../../actions.ts';

/** Parameters that several templates share, described for the person in Swagger UI. */

/** AWS expands `${…}` in a condition's value: a tag equal to itself would narrow nothing. */
const NO_VARIABLE = '^(?:[^$]|\\$(?!\\{))*$';

export const AccountId = Type.String({
  pattern: '^\\d{12}$',
  description: 'A 12-digit AWS account id.',
  examples: ['222222222222'],
});

export const PrincipalName = Type.String({
  minLength: 12,
  maxLength: 2048,
  description:
    'Who: an account (its 12-digit id or `arn:aws:iam::ACCOUNT:root`), or the ARN of a user, a role, an assumed-role ' +
    'session or a federated user. No groups and no wildcards: AWS does not take them here.',
  examples: ['arn:aws:iam::123456789999:user/Mary'],
});

/** What a condition on aws:PrincipalArn can match: it holds a session's role, never the session, and no account. */
export const ConditionPrincipalName = Type.String({
  minLength: 20,
  maxLength: 2048,
  pattern: '^arn:aws(?:-cn|-us-gov)?:(?:iam::\\d{12}:(?:user|role)/|sts::\\d{12}:federated-user/)[\\x21-\\x7e]+$',
  description: 'The ARN of a user, role or federated user; a role’s ARN covers all its sessions.',
  examples: ['arn:aws:iam::222222222222:role/app'],
});

export const OrganizationId = Type.String({
  pattern: '^o-[a-z0-9]{10,32}$',
  description: 'The id of an AWS organization: every principal of its accounts.',
  examples: ['o-local00001'],
});

/** Roots and units: Organizations API Reference, patterns of RootId and OrganizationalUnitId. */
export const OrganizationalUnitPath = Type.String({
  maxLength: 1024,
  pattern: '^o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}(?:/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}){1,5}$',
  description:
    'An organizational unit by its path, from the organization and its root down: every principal of the accounts in it, and ' +
    'in the units below it.',
  examples: ['o-local00001/r-root/ou-root-workload'],
});

/** IAM Identity Center API Reference, PermissionSet: Name. */
export const PermissionSetName = Type.String({
  pattern: '^[\\w+=,.@-]{1,32}$',
  description: 'The name of an IAM Identity Center permission set.',
  examples: ['Ops'],
});

/** As requests say it, and entries show it. */
export const PermissionSet = Type.Object(
  { name: PermissionSetName, account: AccountId },
  {
    additionalProperties: false,
    description:
      'A permission set of IAM Identity Center, in one account: whoever signs in with it, also after it was provisioned anew.',
    examples: [{ name: 'Ops', account: '222222222222' }],
  },
);

export const ServiceName = Type.String({
  maxLength: 128,
  pattern: '^[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.amazonaws\\.com(?:\\.cn)?$',
  description: 'The principal of an AWS service.',
  examples: ['appflow.amazonaws.com'],
});

/** No variables, and wildcards only past the account. */
export const SourceArn = Type.String({
  maxLength: 2048,
  pattern: '^arn:aws(?:-cn|-us-gov)?:[a-z0-9-]+:[a-z0-9-]*:(?:\\d{12})?:[\\x21-\\x23\\x25-\\x7e]+$',
  description: 'The resource for which the service acts; `*` and `?` stand for parts of its name.',
  examples: ['arn:aws:appflow:us-east-1:222222222222:flow/orders'],
});

export const Actions = Type.Array(Type.Enum([...secretActions]), {
  minItems: 1,
  maxItems: secretActions.length,
  description: 'Secrets Manager actions, as IAM names them.',
});

export const ExpiresAt = Type.String({
  format: 'date-time',
  maxLength: 35,
  description:
    'When the access ends (RFC 3339, in the future). AWS itself enforces it: `DateLessThan aws:CurrentTime`. A share that differs ' +
    'in nothing but a later end takes the place of the one there is.',
  examples: ['2030-01-01T00:00:00Z'],
});

export const VersionStages = Type.Array(Type.String({ minLength: 1, maxLength: 256, pattern: NO_VARIABLE }), {
  minItems: 1,
  maxItems: 20,
  description:
    'Only these version stages may be read, for example `AWSCURRENT`. The reader must then name the stage in its call.',
  examples: [['AWSCURRENT']],
});

export const VpcEndpointIds = Type.Array(
  Type.String({ pattern: '^vpce-[0-9a-f]{8,17}$', examples: ['vpce-0123456789abcdef0'] }),
  {
    minItems: 1,
    maxItems: 100,
    description: 'VPC endpoint ids.',
    examples: [['vpce-0123456789abcdef0']],
  },
);

/**
 * No space: the key stands in the name of a condition key, where one is refused as malformed, and in a variable, whose grammar has none
 * (IAM User Guide, "Variables and tags").
 */
const TAG_KEY = '^[\\w.:/=+@-]{1,128}$';

export const TagKey = Type.String({
  pattern: TAG_KEY,
  description: 'The key of a tag that principals have, and the secret.',
  examples: ['team'],
});

export const PrincipalTags = Type.Record(
  Type.String({ pattern: TAG_KEY }),
  Type.String({ minLength: 1, maxLength: 256, pattern: NO_VARIABLE }),
  {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 20,
    description: 'Only principals that carry all of these tags. A key has no space in it.',
    examples: [{ team: 'payments' }],
  },
);

export const MatchTags = Type.Array(TagKey, {
  minItems: 1,
  maxItems: 20,
  description:
    'Only principals whose tags of these keys equal the secret’s own, as they are at the time of the call. A secret without such a ' +
    'tag lets nobody in. Who administers an account says what its principals’ tags are.',
  examples: [['team']],
});

export const ExceptPermissionSets = Type.Array(PermissionSet, {
  maxItems: 50,
  description: 'Permission sets of IAM Identity Center whom the restriction does not touch.',
});

export const ExceptServices = Type.Array(ServiceName, {
  maxItems: 20,
  description:
    'AWS services whose service-linked roles (`role/aws-service-role/SERVICE/…`) the restriction does not touch, in any account. What a ' +
    'service calls by itself is not touched anyhow.',
  examples: [['appflow.amazonaws.com']],
});

export const ExceptPrincipals = Type.Array(PrincipalName, {
  maxItems: 200,
  description:
    'Principals whom the restriction does not touch: the role of the rotation function, say, which is denied like any other.',
});

export const EXCEPT_SERVICE_LINKED_ROLES = {
  description:
    'Whether AWS services that call with their service-linked roles (`role/aws-service-role/…`) are not touched either: they ' +
    'call from AWS’s own network. AWS alone can make and use such roles. Left out, they are denied as everybody is.',
};

export const actionsWithDefault = (actions: readonly string[]) =>
  Type.Unsafe<Static<typeof Actions>>({ ...Actions, default: [...actions] });
