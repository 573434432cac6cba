import { accountIn } from '../../policy/arn.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf, testsOf } from '../../policy/document.ts';
import { isSession, parsePrincipal, sameRole } from '../../policy/principals/principal.ts';
import { namesIn, readerOf } from '../judge/reader.ts';
import type { Evicted } from './incident.ts';

export const accountEvicted = (evicted: Evicted): string =>
  'account' in evicted ? evicted.account : (accountIn(evicted.principal) ?? '');

/** Whether a name is of who is evicted: a role's sessions go with it, and paths of roles and users say nothing. */
export const isOf = (name: string, evicted: string): boolean =>
  name === evicted || (!isSession(evicted) && sameRole(name, evicted)) || isSameUser(name, evicted);

const isSameUser = (one: string, other: string): boolean => {
  const [first, second] = [one, other].map((arn) =>
    parsePrincipal(arn)?.type === 'user' ? arn.replace(/:user\/.*\//, ':user/') : undefined,
  );
  return first !== undefined && first === second;
};

/** Whether a name of a policy is of who is evicted, or of many among whom it may be. */
export function mayBeAmong(name: string, evicted: Evicted, partition: string): boolean {
  const { kind, caller } = readerOf(name, partition);
  if (kind === 'deleted' || kind === 'service') return false;
  if (caller.account === '') return true;
  if (caller.account !== accountEvicted(evicted)) return false;
  if ('account' in evicted || kind === 'account' || kind === 'permissionSet' || kind === 'identityProvider')
    return true;
  return isOf(name, evicted.principal) || sameRole(name, evicted.principal);
}

/** Whether an Allow may let somebody in, whatever denies it: by its name, as one of many, or as a service that acts for it. */
const speaksOf = (statement: Statement, evicted: Evicted, partition: string): boolean =>
  statement.Effect === 'Allow' &&
  (namesIn(statement).some((name) => mayBeAmong(name, evicted, partition)) || letsServicesOf(statement, evicted));

export const policySpeaksOf = (policy: PolicyDocument | null, evicted: Evicted, partition: string): boolean =>
  statementsOf(policy).some((statement) => speaksOf(statement, evicted, partition));

/** Whether an Allow lets AWS services in that may act for an account (the confused deputy). */
export function letsServicesOf(statement: Statement, evicted: Evicted): boolean {
  const { Effect, Principal } = statement;
  if (Effect !== 'Allow' || !('account' in evicted) || Principal === undefined || Principal === '*') return false;
  if (asArray(Principal.Service).length === 0) return false;
  const sources = testsOf(statement).flatMap(({ operator, key, values }) => {
    if (!/^(ForAnyValue:)?(String|Arn)(Equals|Like)/.test(operator)) return [];
    if (key.toLowerCase() === 'aws:sourceaccount') return values;
    return key.toLowerCase() === 'aws:sourcearn' ? values.map((arn) => accountIn(arn) ?? '') : [];
  });
  // Of some ARNs nobody can tell the account.
  return sources.length === 0 || sources.some((source) => source === evicted.account || !/^\d{12}$/.test(source));
}
