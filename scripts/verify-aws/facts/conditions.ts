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
    row: 'A condition whose value is a variable that the call does not have',
    expected: 'wanted: AccessDeniedException, not wanted: works',
    try: async (bed) => {
      const { under } = await lone(bed, 'variable');
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's
      const variable = { 'aws:PrincipalAccount': '${aws:PrincipalTag/verify-aws-none}' };
      const notWanted = await under({ StringNotEquals: variable }, 'works');
      return `wanted: ${await under({ StringEquals: variable }, DENIED)}, not wanted: ${notWanted}`;
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
  {
    row: 'A call comes through a VPC endpoint',
    expected: 'one of them: works, both: AccessDeniedException',
    try: async (bed) => {
      const { role, secret, under } = await lone(bed, 'network');
      const only = (there: string, absent: string) => ({ Null: { [there]: 'false', [absent]: 'true' } });
      const [address, endpoint] = ['aws:SourceIp', 'aws:SourceVpce'];
      await bed.put(
        secret,
        allow(role.arn, READ, { Condition: only(address, endpoint) }),
        allow(role.arn, READ, { Condition: only(endpoint, address) }),
      );
      const one = await bed.eventually(() => bed.read(role, secret), 'works');
      return `one of them: ${one}, both: ${await under({ Null: { [address]: 'false', [endpoint]: 'false' } }, DENIED)}`;
    },
  },
  {
    // That it is absent elsewhere takes an account that is in no organization.
    row: '`aws:PrincipalOrgID` and `aws:PrincipalOrgPaths` are there only',
    expected: 'its own: works, absent: AccessDeniedException',
    unless: notInOne,
    try: async (bed) => {
      const { under } = await lone(bed, 'member');
      const path = { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${bed.organization}/*` } };
      const own = await under({ StringEquals: { 'aws:PrincipalOrgID': `${bed.organization}` }, ...path }, 'works');
      return `its own: ${own}, absent: ${await under({ Null: { 'aws:PrincipalOrgID': 'true' } }, DENIED)}`;
    },
  },
  {
    row: 'A multivalued key takes a set operator',
    expected: 'any of its own: works, all of another: AccessDeniedException',
    unless: notInOne,
    try: async (bed) => {
      const { under } = await lone(bed, 'paths');
      const paths = (operator: string, organization: string | undefined) => ({
        [`${operator}:StringLike`]: { 'aws:PrincipalOrgPaths': `${organization}/*` },
      });
      const any = await under(paths('ForAnyValue', bed.organization), 'works');
      return `any of its own: ${any}, all of another: ${await under(paths('ForAllValues', 'o-a1b2c3d4e5'), DENIED)}`;
    },
  },
];

function notInOne({ organization }: Bed): string | undefined {
  return organization === undefined ? 'the account of --account-profile is in no organization' : undefined;
}
