import type { PolicyDocument } from '../../policy/document.ts';
import type { PrincipalRecord } from '../records.ts';
import type { Store } from '../store.ts';

/** Of those that AWS manages: arn:PARTITION:iam::aws:policy/NAME. Source: AWS Managed Policy Reference Guide. */
const BY_AWS: ReadonlyMap<string, PolicyDocument> = new Map([
  ['AdministratorAccess', allowing('*')],
  [
    'IAMReadOnlyAccess',
    allowing(
      ...['iam:GenerateCredentialReport', 'iam:GenerateServiceLastAccessedDetails', 'iam:Get*', 'iam:List*'],
      ...['iam:SimulateCustomPolicy', 'iam:SimulatePrincipalPolicy'],
    ),
  ],
]);

function allowing(...Action: string[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
}

const BY_AWS_ARN = /^arn:[^:]+:iam::aws:policy\/(.+)$/;

/** What a managed policy says by its default version; undefined where there is none. */
export function managedPolicy(store: Store, arn: string): { document: PolicyDocument; version: string } | undefined {
  const byAws = BY_AWS.get(BY_AWS_ARN.exec(arn)?.[1] ?? '');
  if (byAws !== undefined) return { document: byAws, version: 'v1' };
  const { versions = [], defaultVersion = '' } = store.get('managedPolicy', arn) ?? {};
  const version = versions.find(({ id }) => id === defaultVersion);
  return version && { document: version.document, version: version.id };
}

/** A policy of one version, in place of one of that ARN. */
export function keepManagedPolicy(store: Store, arn: string, document: PolicyDocument, now: Date): void {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const versions = [{ id: 'v1', document, createdAt: now.getTime() }];
  store.put('managedPolicy', arn, { arn, name, versions, defaultVersion: 'v1' });
}

/** Inline and attached policies, those of a user's groups too. */
export function identityPoliciesOf(store: Store, principal: PrincipalRecord): readonly PolicyDocument[] {
  const { partition, account, policies, attached = [], groups = [] } = principal;
  if (attached.length === 0 && groups.length === 0) return policies;
  const ofGroups = groups.flatMap((name) => {
    const group = store.get('principal', `${partition}/${account}/group/${name}`);
    return group === undefined ? [] : identityPoliciesOf(store, group);
  });
  return [...policies, ...attached.flatMap((arn) => managedPolicy(store, arn)?.document ?? []), ...ofGroups];
}

/** The permissions boundary; one whose policy is gone allows nothing. */
export const boundaryOf = (store: Store, { boundary }: PrincipalRecord): PolicyDocument | undefined =>
  boundary === undefined ? undefined : (managedPolicy(store, boundary)?.document ?? { Statement: [] });
