import { asArray, type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { isUniqueId, parsePrincipal } from '../../policy/principals/principal.ts';
import { malformedPolicy } from '../protocol/errors.ts';
import type { PrincipalRecord } from '../records.ts';

/**
 * What AWS does to a policy on its way in and out. Users and roles are stored by their unique id; the way out shows
 * their ARN again while they exist, and the bare id afterwards. Source: IAM User Guide, "AWS JSON policy elements:
 * Principal", on what happens when a role or user is deleted.
 */

/** Who exists: what of the directory (directory/principals.ts) this takes. */
type Principals = {
  find(arn: string): PrincipalRecord | undefined;
  findRole(partition: string, account: string, name: string): PrincipalRecord | undefined;
  findByUniqueId(id: string): PrincipalRecord | undefined;
};

/** Secrets Manager's words for a principal that does not exist (yet), has been deleted, or is of no kind it takes. */
export const UNSUPPORTED_PRINCIPAL = 'This resource policy contains an unsupported principal';

/** @throws AwsError MalformedPolicyDocumentException when a principal does not exist or is of another partition */
export function storedPolicy(
  document: PolicyDocument,
  partition: string,
  directory: Principals,
  message = UNSUPPORTED_PRINCIPAL,
): PolicyDocument {
  return mapPrincipals(document, (name) => {
    const stored = storedPrincipal(name, partition, directory);
    if (stored === undefined) throw malformedPolicy(message);
    return stored;
  });
}

export const shownPolicy = (document: PolicyDocument, directory: Principals): PolicyDocument =>
  mapPrincipals(document, (name) => shownPrincipal(name, directory));

/** Undefined when there is no such principal. */
export function storedPrincipal(name: string, partition: string, directory: Principals): string | undefined {
  if (name === '*') return name;
  if (isUniqueId(name)) return directory.findByUniqueId(name)?.uniqueId;
  const principal = parsePrincipal(name, partition);
  if (principal === undefined || principal.partition !== partition) return undefined;
  if (principal.type === 'user' || principal.type === 'role') return directory.find(principal.arn)?.uniqueId;
  if (principal.type !== 'assumedRole') return principal.arn;
  const [, role = ''] = principal.arn.split('/');
  return directory.findRole(partition, principal.account, role) && principal.arn;
}

export const shownPrincipal = (stored: string, directory: Principals): string =>
  isUniqueId(stored) ? (directory.findByUniqueId(stored)?.arn ?? stored) : stored;

/**
 * The document as AWS writes it back: elements in AWS's order, Statement a list, every other list of one a plain
 * string, condition values as strings.
 */
export const normalisedPolicy = (document: PolicyDocument): PolicyDocument => ({
  Version: document.Version ?? '2008-10-17',
  ...(document.Id === undefined ? {} : { Id: document.Id }),
  Statement: statementsOf(document).map(normalisedStatement),
});

function normalisedStatement(statement: Statement): Statement {
  const { Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement;
  return {
    ...(Sid === undefined ? {} : { Sid }),
    Effect,
    ...(Principal === undefined ? {} : { Principal: normalisedPrincipal(Principal) }),
    ...(NotPrincipal === undefined ? {} : { NotPrincipal: normalisedPrincipal(NotPrincipal) }),
    ...(Action === undefined ? {} : { Action: single(asArray(Action)) }),
    ...(NotAction === undefined ? {} : { NotAction: single(asArray(NotAction)) }),
    ...(Resource === undefined ? {} : { Resource: single(asArray(Resource)) }),
    ...(NotResource === undefined ? {} : { NotResource: single(asArray(NotResource)) }),
    ...(Condition === undefined
      ? {}
      : {
          Condition: mapValues(Condition, (keys) => mapValues(keys, (values) => single(asArray(values).map(String)))),
        }),
  };
}

type PrincipalOf = NonNullable<Statement['Principal']>;

const normalisedPrincipal = (principal: PrincipalOf): PrincipalOf =>
  principal === '*' ? principal : mapValues(principal, (names) => single(asArray(names)));

function mapPrincipals(document: PolicyDocument, name: (name: string) => string): PolicyDocument {
  const element = (principal: PrincipalOf): PrincipalOf =>
    principal === '*' || principal.AWS === undefined
      ? principal
      : { ...principal, AWS: single(asArray(principal.AWS).map(name)) };
  return {
    ...document,
    Statement: statementsOf(document).map((statement) => ({
      ...statement,
      ...(statement.Principal === undefined ? {} : { Principal: element(statement.Principal) }),
      ...(statement.NotPrincipal === undefined ? {} : { NotPrincipal: element(statement.NotPrincipal) }),
    })),
  };
}

function single(values: readonly string[]): string | string[] {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : [...values];
}

const mapValues = <V, W>(record: Record<string, V>, map: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
