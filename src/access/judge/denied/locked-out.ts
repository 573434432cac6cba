import { parseArn } from '../../../policy/arn.ts';
import { type PolicyDocument, statementsOf } from '../../../policy/document.ts';
import { evaluateStatements } from '../../../policy/evaluate/evaluate.ts';
import type { Caller, StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import { parsePrincipal } from '../../../policy/principals/principal.ts';
import { conditionArnsOf, principalsOf } from '../../../policy/principals/role-path.ts';
import { statementId } from '../../../policy/statement-name.ts';
import { dependenciesOf } from '../dependency.ts';
import { readerOf } from '../reader.ts';

/** How the policy of a secret shuts somebody out of an action on it. */
type LockOut = {
  /** The names of the statements that deny it, or may. */
  statements: string[];
  /** What those hang on, in words. */
  conditions: string[];
  /** Who of the secret's account may still do it, as far as this policy goes; in words. Nobody, where it is empty. */
  left: string[];
};

/**
 * @param who the ARN of who is refused; null where AWS does not say, for anybody of the secret's account
 * @returns null where no statement of the policy denies it to them
 */
export function lockOutOf(
  policy: PolicyDocument | null,
  secretArn: string,
  action: string,
  who: string | null,
): LockOut | null {
  const { account = '', partition = 'aws' } = parseArn(secretArn) ?? {};
  const anybody: Caller = { type: 'someone', arn: '', account };
  const denials = (caller: Caller) => denialsOf(policy, secretArn, action, caller);
  const own = denials(who === null ? anybody : readerOf(who, partition).caller);
  if (own.length === 0) return null;
  const named = namedIn(policy, partition).filter((arn) => arn !== who && parseArn(arn)?.account === account);
  const root = `arn:${partition}:iam::${account}:root`;
  const candidates: [words: string, caller: Caller][] = [
    ...named.filter((arn) => arn !== root).map((arn): [string, Caller] => [arn, readerOf(arn, partition).caller]),
    [`the root user of account ${account}`, { type: 'account', arn: root, account }],
    [
      `other principals of account ${account}`,
      { ...anybody, except: [root, ...named, ...(who === null ? [] : [who])] },
    ],
  ];
  return {
    statements: own.map(({ statement }) => statementId(statement)),
    conditions: dependenciesOf(own).map(({ description }) => description),
    left: candidates.flatMap(([words, caller]) => {
      const hits = denials(caller);
      if (hits.some(({ applies }) => applies === 'yes')) return [];
      const conditions = dependenciesOf(hits).map(({ description }) => description);
      return [conditions.length === 0 ? words : `${words} (${conditions.join(' ')})`];
    }),
  };
}

/** Whether the policy of a secret surely denies somebody an action on it. @param who an ARN */
export const isLockedOut = (policy: PolicyDocument | null, secretArn: string, action: string, who: string): boolean => {
  const { caller } = readerOf(who, parseArn(secretArn)?.partition ?? 'aws');
  return denialsOf(policy, secretArn, action, caller).some(({ applies }) => applies === 'yes');
};

function denialsOf(
  policy: PolicyDocument | null,
  resource: string,
  action: string,
  caller: Caller,
): StatementVerdict[] {
  const context = { 'aws:SecureTransport': 'true', 'aws:ViaAWSService': 'false' };
  const resourceAccount = parseArn(resource)?.account ?? '';
  const request = { caller, action, resource, resourceAccount, context, contextIs: 'partial' as const };
  return evaluateStatements(policy, request, 'resourcePolicy').filter(({ effect }) => effect === 'Deny');
}

/** The principals that denials name or except: those for whom they are not as for everybody else. */
const namedIn = (policy: PolicyDocument | null, partition: string): string[] => {
  const names = statementsOf(policy)
    .filter(({ Effect }) => Effect === 'Deny')
    .map((Statement) => ({ Statement }))
    .flatMap((alone) => [...principalsOf(alone), ...conditionArnsOf(alone)]);
  return [...new Set(names.flatMap((name) => parsePrincipal(name, partition)?.arn ?? []))];
};
