import fc from 'fast-check';
import type { Statement } from '../../src/policy/document.ts';
import { allow, deny, READ } from './arbitrary-identities.ts';
import { CALLERS, HOME, OWNER } from './cast.ts';
import { type Limits, TARGETS } from './limits.ts';
import { weighted } from './weighted.ts';

const unless = (operator: string, key: string, value: string): Partial<Statement> => ({
  Condition: { [operator]: { [key]: value } },
});
const ALL = allow('*');

const session = weighted<Statement[] | null>(
  [6, null],
  [2, [ALL]],
  [1, [allow('sts:*')]],
  [1, [allow(READ)]],
  [1, [allow(READ, { Resource: ['<secret>', '<key>'] })]],
  [1, [allow('secretsmanager:*')]],
  [1, [allow('kms:*')]],
  [1, [ALL, deny('kms:Decrypt')]],
  [1, [ALL, deny('secretsmanager:GetSecretValue')]],
);

const serviceControl = weighted<Statement[] | null>(
  [24, null],
  [1, [allow('secretsmanager:*')]],
  [1, [allow(READ)]],
  [1, [allow('iam:*')]],
  [1, [{ Effect: 'Allow', NotAction: 'kms:*', Resource: '*' }]],
  [1, [ALL, deny('kms:Decrypt')]],
  [1, [ALL, deny('secretsmanager:*', { Resource: '<secret>' })]],
  [1, [ALL, deny('secretsmanager:GetSecretValue', unless('StringNotEquals', 'aws:PrincipalTag/team', 'payments'))]],
  [1, [ALL, deny('*', unless('ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*'))]],
  [1, [ALL, deny('*', unless('StringNotEquals', 'aws:RequestedRegion', 'us-east-1'))]],
  [1, [ALL, deny('secretsmanager:*', unless('StringNotEquals', 'aws:ResourceAccount', OWNER))]],
  [1, [ALL, deny('secretsmanager:*', unless('StringNotEqualsIfExists', 'aws:ResourceOrgID', HOME))]],
);

/** As AWS takes them: only Deny, of everybody, without conditions on who in Principal. */
const keep = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  ...{ Effect: 'Deny', Principal: '*', Action, Resource: '*' },
  ...more,
});

const resourceControl = weighted<Statement[] | null>(
  [12, null],
  [2, [keep('secretsmanager:*', unless('StringNotEqualsIfExists', 'aws:PrincipalOrgID', HOME))]],
  [1, [keep('kms:*', unless('StringNotEqualsIfExists', 'aws:PrincipalOrgID', HOME))]],
  [1, [keep('secretsmanager:GetSecretValue', unless('StringNotEquals', 'aws:PrincipalAccount', OWNER))]],
  [
    1,
    [
      keep(
        ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
        unless('StringEquals', 'aws:ResourceTag/team', 'payments'),
      ),
    ],
  ],
  [1, [keep('secretsmanager:PutSecretValue')]],
  [1, [keep('kms:Decrypt', unless('Bool', 'aws:ViaAWSService', 'true'))]],
  [1, [keep('kms:Decrypt', { Resource: '<key>' })]],
);

const byName = (
  names: readonly string[],
  statements: fc.Arbitrary<Statement[] | null>,
): fc.Arbitrary<Record<string, Statement[]>> =>
  fc
    .tuple(...names.map(() => statements))
    .map((all) =>
      Object.fromEntries(names.flatMap((name, index) => (all[index] ? [[name, all[index]] as const] : []))),
    );

export const arbitraryLimits: fc.Arbitrary<Limits> = fc.record(
  {
    management: weighted<string | null>([6, null], [1, OWNER], [1, '222222222222']),
    sessions: byName(
      CALLERS.filter(({ session: name }) => name !== undefined).map(({ arn }) => arn),
      session,
    ),
    serviceControl: byName(TARGETS, serviceControl),
    resourceControl: byName(TARGETS, resourceControl),
  },
  { noNullPrototype: true },
);
