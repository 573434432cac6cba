import type fc from 'fast-check';
import type { Statement } from '../../src/policy/document.ts';
import { weighted } from './weighted.ts';

export const allow = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
export const deny = (Action: string, more: Partial<Statement> = {}): Statement => ({
  ...allow(Action, more),
  Effect: 'Deny',
});
export const READ = ['secretsmanager:GetSecretValue', 'kms:Decrypt'];

/** What identity policies there are, most often none or all that it takes. */
export const identityPolicy: fc.Arbitrary<Statement[]> = weighted<Statement[]>(
  [6, []],
  [6, [allow('*')]],
  [4, [allow(['secretsmanager:*', 'kms:*'])]],
  [4, [allow(READ)]],
  [2, [allow(READ, { Resource: ['<secret>', '<key>'] })]],
  [2, [allow('secretsmanager:GetSecretValue', { Resource: '<secret>' }), allow('kms:Decrypt')]],
  [1, [allow('secretsmanager:GetSecretValue', { Resource: ['<secret>', '<replica>'] }), allow('kms:Decrypt')]],
  [2, [allow('secretsmanager:GetSecretValue')]],
  [1, [allow('kms:*')]],
  [2, [allow('*'), deny('kms:Decrypt')]],
  [2, [allow('*'), deny('secretsmanager:GetSecretValue')]],
  [1, [deny('secretsmanager:Get*')]],
  [1, [deny('kms:*')]],
  [1, [allow('*'), deny('secretsmanager:*', { Resource: '<replica>' })]],
  [1, [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }]],
  [1, [{ Effect: 'Allow', Action: '*', NotResource: '<secret>' }]],
  [1, [allow(['SECRETSMANAGER:getsecretvalue', 'kms:decrypt'])]],
  [1, [allow(READ, { Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } })]],
  [
    1,
    [
      allow('secretsmanager:*'),
      allow('kms:Decrypt', {
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
      }),
    ],
  ],
  [1, [allow('*'), deny('*', { Condition: { StringNotEquals: { 'aws:RequestedRegion': 'us-east-1' } } })]],
  [1, [allow('*'), deny('kms:Decrypt', { Condition: { Null: { 'kms:ViaService': 'true' } } })]],
);

/** Most have none; they allow nothing of it, some, or everything. */
export const boundary: fc.Arbitrary<Statement[] | null> = weighted<Statement[] | null>(
  [4, null],
  [2, [allow('*')]],
  [1, [allow('sts:*')]],
  [1, [allow('secretsmanager:*')]],
  [1, [allow('kms:*')]],
  [1, [allow(READ)]],
);
