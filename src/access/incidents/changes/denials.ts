import { ALL_ACTIONS, GET_SECRET_VALUE } from '../../../policy/actions.ts';
import { renderDeny } from '../../../policy/entries/templates/kinds/restriction-statement.ts';
import { texts } from '../../../policy/entries/templates/kinds/share-conditions.ts';
import type { StatementBody } from '../../../policy/entries/templates/kinds/template.ts';
import { isSession, parsePrincipal } from '../../../policy/principals/principal.ts';
import type { Secret } from '../../secret.ts';
import type { Evicted, IncidentDenial } from '../incident.ts';

type Of = Pick<Secret, 'account' | 'partition'>;

/** What an incident denies on a secret: the same whenever it is asked, so that what stands in a policy is known by it. */
export const denialsOf = (denial: IncidentDenial, of: Of): StatementBody[] =>
  denial.action === 'freeze' ? [frozen(denial.except, of)] : evicting(denial.evicted, of);

/** The same as it is stored in an item of a lift. */
export const storedDenial = (denial: IncidentDenial): Record<string, unknown> =>
  denial.action === 'freeze' ? { of: 'freeze', except: denial.except } : { of: 'evict', ...denial.evicted };

/** The inverse. */
export const denialIn = (stored: Record<string, unknown>): IncidentDenial =>
  stored['of'] === 'freeze'
    ? { action: 'freeze', except: texts(stored['except']) }
    : { action: 'evict', evicted: evictedIn(stored) };

export const evictedIn = ({ account, principal }: Record<string, unknown>): Evicted =>
  account === undefined ? { principal: String(principal) } : { account: String(account) };

/** The same as a restriction to the exceptions; AWS services that call by themselves are none of those whom it denies. */
const BOUNDARY = { parameter: 'principals', outside: null, network: false };

function frozen(except: readonly string[], { partition }: Of): StatementBody {
  const principals = except.map((name) => parsePrincipal(name, partition)?.arn ?? name);
  const [statement] = renderDeny(BOUNDARY, { principals, actions: [GET_SECRET_VALUE] });
  return statement;
}

type Whom = Required<Pick<StatementBody, 'Principal'>> & Pick<StatementBody, 'Condition'>;

function evicting(evicted: Evicted, { account: owner }: Of): StatementBody[] {
  // Of the owner's own account reading alone is denied, or nobody could repair the policy.
  const isOwner = 'account' in evicted && evicted.account === owner;
  const Action = isOwner ? GET_SECRET_VALUE : ALL_ACTIONS;
  return whom(evicted).map(({ Principal, Condition }) => ({
    ...{ Effect: 'Deny' as const, Action, Principal, Resource: '*' },
    ...(Condition && { Condition }),
  }));
}

/**
 * An account is all of its principals, and the AWS services that act for it in their own name (IAM User Guide,
 * aws:SourceAccount). Names of roles, and of users, are unique in an account whatever their path (IAM API Reference,
 * CreateRole, CreateUser), and who evicts one may not know it. A condition on aws:PrincipalArn finds no single session.
 */
function whom(evicted: Evicted): Whom[] {
  if ('account' in evicted) {
    const { account } = evicted;
    const isService = { Bool: { 'aws:PrincipalIsAWSService': 'true' } };
    return [
      { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': account } } },
      { Principal: '*', Condition: { ...isService, StringEquals: { 'aws:SourceAccount': account } } },
    ];
  }
  const { principal } = evicted;
  if (isSession(principal)) return [{ Principal: { AWS: principal } }];
  const [, named, name] = /^(arn:[^:]+:iam::\d{12}:(?:role|user)\/)(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  const arns = named === undefined ? principal : [named + name, `${named}*/${name}`];
  return [{ Principal: '*', Condition: { ArnLike: { 'aws:PrincipalArn': arns } } }];
}
