import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { PolicyFinding } from '../../access/write/secret-policies.ts';
import { parseArn } from '../../policy/arn.ts';
import type { PolicyDocument, Statement } from '../../policy/document.ts';
import { evaluateStatements } from '../../policy/evaluate/evaluate.ts';
import type { Caller } from '../../policy/evaluate/evaluation.ts';
import { parsePrincipal, roleOf } from '../../policy/principals/principal.ts';
import { namedBy, spelledBy } from '../../policy/principals/role-path.ts';
import { DomainError } from '../../problems/problem.ts';
import type { AwsClients } from '../clients.ts';

/**
 * AWS's lock-out check asks whether its caller could still replace the policy. This service also describes a secret
 * before it changes anything: a Deny that hits DescribeSecret alone passes that check, and locks the service out. What
 * such a Deny makes depend on the organization or the network is taken to hit: nothing here can tell.
 */
export async function findDescribeLockOut(
  clients: Pick<AwsClients, 'clientsFor' | 'call'>,
  secretArn: string,
  policy: PolicyDocument,
): Promise<PolicyFinding[]> {
  const account = parseArn(secretArn)?.account ?? '';
  const anyone: Caller = { type: 'someone', arn: '', account };
  if (denialsThatAwsPasses(policy, secretArn, anyone).length === 0) return [];
  const self = callerOf(await whoIsCalling(clients, secretArn), policy);
  if (denialsThatAwsPasses(policy, secretArn, self).length === 0) return [];
  return [
    {
      check: 'CallerLockOut',
      message: `This service (${self.arn}) could no longer describe the secret, and so not change its policy again. Leave out secretsmanager:DescribeSecret, or except that principal.`,
      lockedOut: self.arn,
    },
  ];
}

/**
 * AWS says that the policy locks “you” out, and not who that is, nor how to spare it.
 * @returns the findings, with that where it can be found out
 */
export async function withSelfNamed(
  clients: Pick<AwsClients, 'clientsFor' | 'call'>,
  secretArn: string,
  policy: PolicyDocument,
  findings: readonly PolicyFinding[],
): Promise<PolicyFinding[]> {
  if (!findings.some(({ check, message }) => /lock/i.test(`${check} ${message}`))) return [...findings];
  const self = await whoIsCalling(clients, secretArn)
    .then((arn) => callerOf(arn, policy).arn)
    .catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
  const who = `“You” is this service${self === undefined ? '' : `, ${self}`}:`;
  const message = `${who} except it (exceptPrincipals), or leave out the actions by which a policy is changed.`;
  return [...findings, { check: 'CallerLockOut', message, ...(self !== undefined && { lockedOut: self }) }];
}

async function whoIsCalling({ clientsFor, call }: Pick<AwsClients, 'clientsFor' | 'call'>, secretArn: string) {
  const { sts } = clientsFor(secretArn);
  const command = new GetCallerIdentityCommand({});
  const facts = { action: 'sts:GetCallerIdentity', resource: 'the role of this service' };
  const { Arn = '' } = await call(facts, command, () => sts.send(command));
  return Arn;
}

/** Statements that deny, or may deny, this caller DescribeSecret, and leave it PutResourcePolicy. */
function denialsThatAwsPasses(policy: PolicyDocument, resource: string, caller: Caller): Statement[] {
  const denials = (action: string) => {
    const context = { 'aws:SecureTransport': 'true', 'aws:ViaAWSService': 'false' };
    const request = { caller, action, resource, resourceAccount: parseArn(resource)?.account ?? '', context };
    return evaluateStatements(policy, { ...request, contextIs: 'partial' }, 'resourcePolicy')
      .filter(({ effect }) => effect === 'Deny')
      .map(({ statement }) => statement);
  };
  const seenByAws = denials('secretsmanager:PutResourcePolicy');
  return denials('secretsmanager:DescribeSecret').filter((statement) => !seenByAws.includes(statement));
}

/**
 * A session does not show its role's path. Where the policy spells one out it is taken for the role's: of one name there
 * is one role in an account.
 */
function callerOf(arn: string, policy: PolicyDocument): Caller {
  const principal = parsePrincipal(arn);
  if (principal === undefined) throw new DomainError('aws-error', { why: 'AWS did not say who this service is.' });
  const { type, account } = principal;
  if (type === 'user' || type === 'account') return { type, arn, account };
  const role = roleOf(arn) ?? arn;
  const [spelled, ...others] = [...new Set([...namedBy([policy], role), ...spelledBy([policy], role)])];
  const isKnown = spelled !== undefined && others.length === 0;
  return { type: 'assumedRole', arn: isKnown ? spelled : role, account, sessionArn: arn, anyPath: !isKnown };
}
