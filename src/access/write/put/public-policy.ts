import { takesAway } from '../../../policy/changes/takes-away.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { publicStatements } from '../../../policy/public-access.ts';
import { statementName } from '../../../policy/statement-name.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { Warning } from '../change.ts';
import type { AwsReceipt, PolicyFinding } from '../secret-policies.ts';

/**
 * BlockPublicPolicy refuses every policy that lets everybody in, also one that only denies more than the attached one: a
 * secret that others made public could not be denied to anybody. What surely gives nobody anything is put without it.
 */
export async function putWithoutBlock(
  refusal: unknown,
  before: PolicyDocument | null,
  after: PolicyDocument,
  put: () => Promise<AwsReceipt>,
): Promise<AwsReceipt> {
  if (!(refusal instanceof DomainError) || refusal.code !== 'policy-public') throw refusal;
  if (!takesAway(before, after)) throw publicPolicy(after, refusal);
  return put().catch((error) => {
    if (!(error instanceof DomainError) || error.code !== 'aws-access-denied') throw error;
    throw publicPolicy(after, refusal, { roleMayNot: true });
  });
}

/** The findings of AWS's check without those that a change which only takes away can't help. */
export const withoutBroadAccess = (
  findings: readonly PolicyFinding[],
  before: PolicyDocument | null,
  after: PolicyDocument | null,
): PolicyFinding[] => findings.filter((finding) => !(isBroad(finding) && takesAway(before, after)));

export const isBroad = ({ check, message }: PolicyFinding): boolean => /public|broad/i.test(`${check} ${message}`);

/** Names the statements: AWS does not. */
export function publicPolicy(
  document: PolicyDocument | null,
  refusal: Pick<DomainError, 'facts'> | { facts: { findings: string } },
  more: { roleMayNot?: true } = {},
): DomainError {
  const statements = publicStatements(document).map(statementName);
  return new DomainError('policy-public', { ...refusal.facts, ...more, statements });
}

/** The change is made, and the secret as open as it was. */
export const stillPublic = (document: PolicyDocument | null, { dryRun }: { dryRun: boolean }): Warning[] =>
  publicStatements(document).map((statement) => ({
    code: 'public',
    message: [
      `Everybody with an AWS account whom nothing denies may use the secret: ${statementName(statement)} lets them in.`,
      'Name accounts or principals there, or tie it by a condition such as aws:PrincipalOrgID.',
      ...(dryRun ? [NOT_REHEARSED] : []),
    ].join(' '),
  }));

const NOT_REHEARSED =
  'While it is there, only what surely takes access away can be attached, by a role that may put policies without ' +
  'BlockPublicPolicy: whether that of this service may, a dry run can’t tell.';
