import { join } from 'node:path';
import type { Test } from 'tap';
import { type LocalAwsOptions, seed, startLocalAws } from '../../src/local-aws/index.ts';
import { asArray, type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { startFaultProxy } from '../aws/fault-proxy.ts';

/** Statements of others, in forms that ours never have. They must survive to the letter. */
export const foreign = [
  {
    Sid: 'TerraformReads',
    Effect: 'Allow',
    Principal: { AWS: ['arn:aws:iam::222222222222:role/app'] },
    Action: ['secretsmanager:GetSecretValue'],
    Resource: ['*'],
    Condition: { Bool: { 'aws:SecureTransport': ['true'] } },
  },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
    Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
  },
] as const;

/** A seeded Secrets Manager, and before it the proxy that causes faults; `demo/database` bears `foreign`. */
export async function startBed(t: Test, options: Partial<LocalAwsOptions> = {}) {
  const aws = await startLocalAws({ port: 0, file: join(t.testdir({}), 'aws.db'), ...options });
  t.teardown(() => aws.close());
  seed(aws);
  const proxy = await startFaultProxy({ target: aws.url });
  t.teardown(() => proxy.close());
  const call = (operation: string, input: object) =>
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', operation, input);
  const policyAt = (secret: string): PolicyDocument | null => {
    const text = call('GetResourcePolicy', { SecretId: secret })['ResourcePolicy'];
    return text === undefined ? null : JSON.parse(String(text));
  };
  const attach = (secret: string, statements: readonly object[]) => {
    const policy = { Version: '2012-10-17', Statement: statements };
    call('PutResourcePolicy', { SecretId: secret, ResourcePolicy: JSON.stringify(policy) });
  };
  attach('demo/database', foreign);
  return {
    aws,
    proxy,
    policyAt,
    attach,
    arnOf: (secret: string) => String(call('DescribeSecret', { SecretId: secret })['ARN']),
  };
}

export type Bed = Awaited<ReturnType<typeof startBed>>;

/** How many times an account is named by statements of ours: more than once is a statement doubled. */
export function timesNamed(policy: PolicyDocument | null, effect: 'Allow' | 'Deny', account: string): number {
  const names = statementsOf(policy)
    .filter(({ Effect, Sid }) => Effect === effect && /^(Share|Deny)/.test(Sid ?? ''))
    .flatMap(({ Principal }) => (typeof Principal === 'object' ? asArray(Principal['AWS']) : []));
  return names.filter((name) => name === account || name === `arn:aws:iam::${account}:root`).length;
}

/** The statements that are not ours, in their order. */
export const foreignStatements = (policy: PolicyDocument | null) =>
  statementsOf(policy).filter(({ Sid }) => !/^(Share|Deny|Restrict)/.test(Sid ?? ''));
