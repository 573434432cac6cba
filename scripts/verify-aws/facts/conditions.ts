import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Bed } from '../bed.ts';
import { allow, type Fact, outcome } from '../fact.ts';

const READ = 'secretsmanager:GetSecretValue';
const DENIED = 'AccessDeniedException';
const CURRENT = { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } };
const PAST = '2020-01-01T00:00:00Z';

/** A role of the owner without identity policies, and a secret that its policy alone lets it read. */
async function lone(bed: Bed, what: string) {
  const [role, secret] = [await bed.role(bed.owner, what), await bed.secret()];
  const under = async (Condition: object, expected: string): Promise<string> => {
    await bed.put(secret, allow(role.arn, READ, { Condition }));
    return bed.eventually(() => bed.read(role, secret), expected);
  };
  return { role, secret, under };
}

export const conditionFacts: readonly Fact[] = [
  {
    row: '`secretsmanager:VersionStage` is there only where the call names a stage',
    expected: 'named: works, not named: AccessDeniedException',
    try: async (bed) => {
      const { role, secret: SecretId } = await lone(bed, 'stage');
      await bed.put(SecretId, allow(role.arn, READ, { Condition: CURRENT }));
      const command = new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' });
      const named = await bed.eventually(() => outcome(role.secretsManager.send(command)), 'works');
      return `named: ${named}, not named: ${await bed.read(role, SecretId)}`;
    },
  },
  {
    row: 'A key that the call does not have fails what is wanted',
    expected: 'wanted: AccessDeniedException, not wanted: works, if it exists: works',
    try: async (bed) => {
      const { under } = await lone(bed, 'absent');
      const tag = { 'aws:PrincipalTag/verify-aws-none': 'x' };
      // What works shows that the policy of now is seen; a refusal may be of the one before.
      const notWanted = await under({ StringNotEquals: tag }, 'works');
      const wanted = await under({ StringEquals: tag }, DENIED);
      const ifExists = await under({ StringEqualsIfExists: tag }, 'works');
      return `wanted: ${wanted}, not wanted: ${notWanted}, if it exists: ${ifExists}`;
    },
  },
  {
    row: '`aws:CurrentTime` is compared as a date',
    expected: 'after: works, before: AccessDeniedException',
    try: async (bed) => {
      const { under } = await lone(bed, 'dates');
      const after = await under({ DateGreaterThan: { 'aws:CurrentTime': PAST } }, 'works');
      return `after: ${after}, before: ${await under({ DateLessThan: { 'aws:CurrentTime': PAST } }, DENIED)}`;
    },
  },
  { row: 'A call comes through a VPC endpoint', untried: 'It takes a VPC.' },
  ...['`aws:PrincipalOrgID` and `aws:PrincipalOrgPaths` are there only', 'A multivalued key takes a set operator'].map(
    (row) => ({ row, untried: 'It takes an organization.' }),
  ),
];
