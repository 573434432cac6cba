import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { PolicyDocument } from '../../src/policy/document.ts';
import type { build } from '../helper.ts';

type Service = Awaited<ReturnType<typeof build>>;

/** One row of test/cases/readers.json. */
type Case = {
  name: string;
  secret?: string;
  /** What the service is asked to do first. */
  steps?: { path: string; body: object }[];
  /** Statements of others that are attached instead. */
  policy?: object[];
  checks: {
    principal: string;
    action?: string;
    context?: object;
    identityPolicies?: object[];
    decision: string;
    because?: string[];
    dependsOn?: string[];
    exceptions?: string[];
    /** Of the secret's policy, the key and the identity policy. */
    legs?: string[];
  }[];
  readers?: (Expected & { decision: string; expired?: boolean; expiresAt?: string | null })[];
  denied?: Expected[];
};
type Expected = {
  principal: string;
  kind?: string;
  dependsOn?: string[];
  deniedBy?: number;
  entries?: number;
  exceptions?: string[];
};

export const cases: Case[] = JSON.parse(readFileSync(new URL('../cases/readers.json', import.meta.url), 'utf8'));

const OWNER = 'LOCALOWNER';
const REGION = 'us-east-1';

/** A role of IAM Identity Center, as every permission set has one in each of its accounts. */
const OPS_ROLE =
  'arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef';

/** A role with a path, and two more secrets: under a key that only its own account may use, and under one with a grant for Mary. */
export async function seedKeys({ aws }: Service): Promise<void> {
  aws.directory.createRole({ arn: OPS_ROLE, policies: [allow('secretsmanager:*', 'kms:*')], accessKeyId: 'LOCALOPS' });
  const create = (name: string, key: string) =>
    aws.call(OWNER, REGION, 'secretsmanager', 'CreateSecret', { Name: name, KmsKeyId: key, SecretString: 'x' });
  create('test/private', 'alias/private');
  const { KeyMetadata } = aws.call(OWNER, REGION, 'kms', 'CreateKey', {}) as { KeyMetadata: { Arn: string } };
  const { ARN } = create('test/granted', KeyMetadata.Arn);
  const { ARN: other } = create('test/granted-too', KeyMetadata.Arn);
  const grant = (principal: string, SecretARN: unknown) =>
    aws.call(OWNER, REGION, 'kms', 'CreateGrant', {
      KeyId: KeyMetadata.Arn,
      GranteePrincipal: principal,
      Operations: ['Decrypt', 'DescribeKey'],
      Constraints: { EncryptionContextSubset: { SecretARN } },
    });
  grant('arn:aws:iam::123456789999:user/Mary', ARN);
  grant('arn:aws:iam::222222222222:role/app', other);
}

/** The secret of a case with the policy of the case, and nothing else attached. */
export async function prepare(
  t: Test,
  { call, arnOf }: Service,
  { secret = 'demo/database', steps = [], policy }: Case,
) {
  const path = `/v1/secrets/${encodeURIComponent(secret)}`;
  if ((await call('GET', `${path}/policy`)).json.policy !== null) {
    t.equal((await call('DELETE', `${path}/policy`, undefined, { 'if-match': '*' })).status, 200);
  }
  if (policy !== undefined) {
    const document = { Version: '2012-10-17', Statement: policy };
    const { status, body } = await call('PUT', `${path}/policy`, document, { 'if-none-match': '*' });
    t.equal(status, 200, body);
  }
  for (const step of steps) {
    const { status, body } = await call('POST', `${path}/${step.path}`, step.body);
    t.equal(status, 201, body);
  }
  return { path, arn: await arnOf(secret) };
}

type Caller = {
  accessKeyId: string;
  principal: string;
  role?: string;
  organization: string | null;
  identityPolicies: object[];
};

const allow = (...Action: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

/** The stand-in's callers, with all that it knows of them (src/local-aws/seed.ts). */
export const CALLERS: Caller[] = [
  {
    accessKeyId: 'LOCALMARY',
    principal: 'arn:aws:iam::123456789999:user/Mary',
    organization: 'o-local00001',
    identityPolicies: [allow('secretsmanager:*', 'kms:*')],
  },
  {
    accessKeyId: 'LOCALAPP',
    principal: 'arn:aws:sts::222222222222:assumed-role/app/local',
    role: 'arn:aws:iam::222222222222:role/app',
    organization: null,
    identityPolicies: [allow('secretsmanager:*', 'kms:*')],
  },
  {
    accessKeyId: 'LOCALOPS',
    principal: 'arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/local',
    role: OPS_ROLE,
    organization: null,
    identityPolicies: [allow('secretsmanager:*', 'kms:*')],
  },
  {
    accessKeyId: 'LOCALOWNER',
    principal: 'arn:aws:iam::111111111111:user/owner',
    organization: 'o-local00001',
    identityPolicies: [allow('*')],
  },
  {
    accessKeyId: 'LOCALSERVICE',
    principal: 'arn:aws:sts::111111111111:assumed-role/secret-access-service/local',
    role: 'arn:aws:iam::111111111111:role/secret-access-service',
    organization: 'o-local00001',
    identityPolicies: [],
  },
];

/** Asks once knowing nothing of the call and once knowing all of it, down to what it surely does not have. */
export async function wholeTruth({ call }: Service, path: string, caller: Caller, stage: string | undefined) {
  const { principal, role, organization, identityPolicies } = caller;
  const ask = async (question: object) =>
    (await call('POST', `${path}/access-checks`, { principal, ...question })).json;
  const known: Record<string, string | string[]> = {
    'aws:SourceIp': '127.0.0.1',
    ...(role && { 'aws:PrincipalArn': role }),
    'aws:PrincipalOrgID': organization ?? [],
    'secretsmanager:VersionStage': stage ?? [],
    permissionsBoundary: [],
  };
  const blind = await ask({});
  const absent = blind.dependsOn
    .map(({ key }: { key: string }) => key)
    .filter((key: string) => /^aws:PrincipalTag\//.test(key))
    .map((key: string) => [key, []]);
  const seen = await ask({ context: { ...Object.fromEntries(absent), ...known }, identityPolicies });
  const standing = seen.legs.every(({ leg, status }: { leg: string; status: string }) =>
    leg === 'secretPolicy' ? true : status === 'done' || status === 'notNeeded',
  );
  return {
    reads: seen.decision === 'allowed' && standing,
    /** More knowledge may settle what was unknown, and find a Deny where nothing allows; nothing else may change. */
    consistent:
      blind.decision === 'unknown' ||
      blind.decision === seen.decision ||
      (blind.decision === 'implicitlyDenied' && seen.decision === 'explicitlyDenied'),
    why: `${blind.decision}, then ${seen.decision} ${JSON.stringify(seen.dependsOn)} ${seen.legs.map((leg: { status: string }) => leg.status)}`,
  };
}
