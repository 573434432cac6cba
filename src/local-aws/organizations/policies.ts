import Type from 'typebox';
import { sha256 } from '../../hash.ts';
import { type PolicyDocument, statementsOf } from '../../policy/document.ts';
import type { Call } from '../call.ts';
import { FULL_ACCESS } from '../directory/organizations.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import { managedOrganization } from './own-organization.ts';

const TYPES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'];
export const POLICY_TYPES = TYPES.map((name) => ({ Type: name, Status: 'ENABLED' }));

const Paging = {
  NextToken: optional(text(1, 100_000)),
  MaxResults: optional(Type.Integer({ minimum: 1, maximum: 20 })),
};
const Id = text(1, 130);

/** Where accounts stand, and the control policies of each level. Source: Organizations API Reference. */
export const organizationPolicyOperations: Record<string, AwsOperation<Call>> = {
  ListRoots: operation(Type.Object(Paging), (call: Call) => {
    const { id } = managedOrganization(call);
    const roots = new Set(pathsIn(call, id).map(([root]) => root ?? ''));
    return { Roots: [...roots].map((root) => ({ Id: root, Name: 'Root', PolicyTypes: POLICY_TYPES })) };
  }),

  ListParents: operation(Type.Object({ ChildId: Id, ...Paging }), (call: Call, { ChildId: child }) => {
    const { id } = managedOrganization(call);
    const path = pathsIn(call, id).find((units) => units.indexOf(child) > 0);
    const parent = path?.[path.indexOf(child) - 1];
    if (parent === undefined) throw new AwsError('ChildNotFoundException', `There is no ${child} in the organization.`);
    return { Parents: [{ Id: parent, Type: parent.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] };
  }),

  ListOrganizationalUnitsForParent: operation(Type.Object({ ParentId: Id, ...Paging }), (call: Call, input) => {
    const { id } = managedOrganization(call);
    const paths = pathsIn(call, id).filter((path) => path.slice(0, -1).includes(input.ParentId));
    if (paths.length === 0)
      throw new AwsError('ParentNotFoundException', `There is no ${input.ParentId} in the organization.`);
    const below = paths.flatMap((path) => path[path.indexOf(input.ParentId) + 1] ?? []);
    const units = new Set(below.filter((unit) => unit.startsWith('ou-')));
    return { OrganizationalUnits: [...units].toSorted().map((unit) => ({ Id: unit, Name: unit })) };
  }),

  ListPoliciesForTarget: operation(
    Type.Object({ TargetId: Id, Filter: Type.Enum(TYPES), ...Paging }),
    (call: Call, { TargetId, Filter, NextToken, MaxResults = 20 }) => {
      const { id } = managedOrganization(call);
      if (!pathsIn(call, id).some((path) => path.includes(TargetId)))
        throw new AwsError('TargetNotFoundException', `There is no ${TargetId} in the organization.`);
      const attached = attachedTo(call, TargetId, Filter);
      const { items, next } = pageOf(attached, (one) => one.Id, MaxResults, NextToken, 'InvalidInputException');
      return { Policies: items.map(({ document: _, ...summary }) => summary), ...(next && { NextToken: next }) };
    },
  ),

  DescribePolicy: operation(Type.Object({ PolicyId: Id }), (call: Call, { PolicyId }) => {
    managedOrganization(call);
    const targets = call.store.list('controlPolicies', '').map(({ target }) => target);
    const policy = TYPES.flatMap((type) => ['', ...targets].flatMap((target) => attachedTo(call, target, type))).find(
      ({ Id: id }) => id === PolicyId,
    );
    if (policy === undefined) throw new AwsError('PolicyNotFoundException', `There is no policy ${PolicyId}.`);
    const { document, ...PolicySummary } = policy;
    return { Policy: { PolicySummary, Content: JSON.stringify(document) } };
  }),
};

/** Of each account from the root down to itself. */
const pathsIn = ({ store }: Call, organization: string): string[][] =>
  store
    .list('account', '')
    .filter((account) => account.organization === organization)
    .map(({ id, path = '' }) => [...path.split('/').slice(1, -1), id]);

function attachedTo({ organizations }: Call, target: string, type: string) {
  const { serviceControl, resourceControl } = organizations.attached(target);
  // RCPFullAWSAccess can’t be detached.
  const documents = type === 'SERVICE_CONTROL_POLICY' ? serviceControl : [RESOURCE_ACCESS, ...resourceControl];
  return documents
    .map((document) => ({ ...summaryOf(document), Type: type, document }))
    .toSorted((one, other) => (one.Id < other.Id ? -1 : 1));
}

const RESOURCE_ACCESS: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
};

/** Policies that code attaches have no names: they are called by their first statement’s. */
function summaryOf(document: PolicyDocument): { Id: string; Name: string; AwsManaged: boolean } {
  const json = JSON.stringify(document);
  if (json === JSON.stringify(FULL_ACCESS)) return { Id: 'p-FullAWSAccess', Name: 'FullAWSAccess', AwsManaged: true };
  if (document === RESOURCE_ACCESS) return { Id: 'p-RCPFullAWSAccess', Name: 'RCPFullAWSAccess', AwsManaged: true };
  const hash = sha256(json).slice(0, 10);
  return { Id: `p-${hash}`, Name: statementsOf(document)[0]?.Sid ?? `policy-${hash}`, AwsManaged: false };
}
