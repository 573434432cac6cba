import { readFileSync } from 'node:fs';
import {
  AccessAnalyzerClient,
  paginateValidatePolicy,
  type ValidatePolicyFinding,
} from '@aws-sdk/client-accessanalyzer';

/** What IAM Access Analyzer finds in the policies that this service writes; why it was not asked, where it could not be. */
type SecondOpinion = { findings: readonly Finding[]; policies: number } | { notAsked: string };
type Finding = { policy: string; type: string; code: string; details: string };

/**
 * Asks ValidatePolicy about one policy of each kind that the templates write: it makes nothing and costs nothing.
 * Source: IAM User Guide, "Validate policies with IAM Access Analyzer".
 */
export async function secondOpinion(profile: string, region: string): Promise<SecondOpinion> {
  const client = new AccessAnalyzerClient({ profile, region });
  try {
    const findings: Finding[] = [];
    const policies = writtenPolicies();
    for (const { name, document } of policies) {
      for (const finding of await findingsIn(client, document)) findings.push(inWords(name, finding));
    }
    return { findings, policies: policies.length };
  } catch (error) {
    // No such service here, or no permission to ask it: that is no fault of the policies, and no reason to lose the report.
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { notAsked: `${name}: ${message.split('\n')[0]}` };
  } finally {
    client.destroy();
  }
}

/** An error is what AWS would refuse, or never match; the other findings are advice. */
export const errorsOf = (opinion: SecondOpinion): readonly Finding[] =>
  'notAsked' in opinion ? [] : opinion.findings.filter(({ type }) => type === 'ERROR');

/** As Markdown. */
export function opinionInWords(opinion: SecondOpinion): string {
  if ('notAsked' in opinion) return `IAM Access Analyzer was not asked: ${opinion.notAsked}`;
  const { findings, policies } = opinion;
  const lines = findings.map(({ policy, type, code, details }) => `- ${type} ${code}, ${policy}: ${details}`);
  return [`IAM Access Analyzer: ${findings.length} findings in ${policies} policies`, ...lines].join('\n');
}

async function findingsIn(client: AccessAnalyzerClient, policyDocument: string): Promise<ValidatePolicyFinding[]> {
  const found: ValidatePolicyFinding[] = [];
  for await (const page of paginateValidatePolicy({ client }, { policyDocument, policyType: 'RESOURCE_POLICY' })) {
    found.push(...(page.findings ?? []));
  }
  return found;
}

const inWords = (policy: string, { findingType, issueCode, findingDetails }: ValidatePolicyFinding): Finding => ({
  policy,
  type: findingType ?? '',
  code: issueCode ?? '',
  details: findingDetails ?? '',
});

/** The cases that hold the templates to what they write. */
function writtenPolicies(): { name: string; document: string }[] {
  const text = readFileSync(new URL('../../test/cases/templates.json', import.meta.url), 'utf8');
  const cases = JSON.parse(text) as { name: string; statements: object[]; partition?: string }[];
  return cases
    .filter(({ partition = 'aws' }) => partition === 'aws')
    .map(({ name, statements: Statement }) => ({
      name,
      document: JSON.stringify({ Version: '2012-10-17', Statement }),
    }));
}
