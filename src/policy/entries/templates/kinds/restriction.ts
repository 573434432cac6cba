import Type from 'typebox';
import { DomainError } from '../../../../problems/problem.ts';
import { GET_SECRET_VALUE } from '../../../actions.ts';
import { parsePrincipal } from '../../../principals/principal.ts';
import {
  actionsWithDefault,
  EXCEPT_SERVICE_LINKED_ROLES,
  ExceptPermissionSets,
  ExceptPrincipals,
  ExceptServices,
  PermissionSet,
  ServiceName,
} from './parameters.ts';
import { setInWords } from './permission-set.ts';
import { type Boundary, permissionSets, readDeny, renderDeny } from './restriction-statement.ts';
import { texts, valueInWords } from './share-conditions.ts';
import type { AnyTemplate, Group } from './template.ts';

/** Its parameter's name is known at run time only, so that its parameters have no types here. */
export function restrictionTemplate(boundary: Boundary): AnyTemplate {
  const { parameter, schema, title, description, outside, network } = boundary;
  const actions = actionsWithDefault([GET_SECRET_VALUE]);
  return {
    name: `restrict-to-${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    kind: 'restriction',
    title,
    description,
    parameters: Type.Object(
      {
        [parameter]: schema,
        ...(outside === null ? {} : { exceptPrincipals: Type.Optional(ExceptPrincipals) }),
        exceptPermissionSets: Type.Optional(ExceptPermissionSets),
        exceptServices: Type.Optional(ExceptServices),
        ...(network
          ? { exceptServiceLinkedRoles: Type.Optional(Type.Literal(true, EXCEPT_SERVICE_LINKED_ROLES)) }
          : {}),
        actions,
      },
      { additionalProperties: false },
    ),
    packs: null,
    principals: outside === null ? [parameter] : ['exceptPrincipals'],
    ...(boundary.conflict && { conflict: boundary.conflict }),
    example: { [parameter]: boundary.example, actions: [GET_SECRET_VALUE] },
    request: {
      boundary: Type.Object({ [parameter]: schema }, { title, description, additionalProperties: false }),
      exceptPrincipals: ExceptPrincipals,
      exceptPermissionSets: ExceptPermissionSets,
      exceptServices: ExceptServices,
      ...(network && { exceptServiceLinkedRoles: Type.Boolean(EXCEPT_SERVICE_LINKED_ROLES) }),
      actions,
    },
    chosenBy: [`/boundary/${parameter}`],
    accepts: (request) => parametersOfRequest(boundary, request),
    render: (group) => renderDeny(boundary, group),
    read: ([statement]) => ({ group: readDeny(boundary, statement), members: [] }),
    shows: {
      boundary: Type.Unsafe<Group>({
        type: 'object',
        additionalProperties: true,
        description: 'Of a restriction: who is outside of it is denied.',
      }),
      exceptPrincipals: Type.Array(Type.String(), { description: 'Of a restriction: principals that it spares.' }),
      exceptPermissionSets: Type.Array(PermissionSet, {
        description: 'Of a restriction: permission sets that it spares.',
      }),
      exceptServices: Type.Array(ServiceName, {
        description: 'Of a restriction: AWS services whose service-linked roles it spares.',
      }),
      ...(network && {
        exceptServiceLinkedRoles: Type.Boolean({
          description:
            'Of a restriction to a network: whether it spares the roles that AWS services have of their own.',
        }),
      }),
    },
    show({ [parameter]: value, exceptServiceLinkedRoles = false, ...spared }) {
      return {
        boundary: { [parameter]: value },
        exceptPrincipals: texts(spared['exceptPrincipals']),
        exceptPermissionSets: permissionSets(spared['exceptPermissionSets']),
        exceptServices: texts(spared['exceptServices']),
        ...(network && { exceptServiceLinkedRoles }),
        conditions: {},
      };
    },
    parametersOf: (shown) => ({ ...asGroup(shown['boundary']), ...exceptionsIn(shown) }),
    subject: () => ({}),
    words({ [parameter]: value, ...exceptions }) {
      const spared = [
        ...texts(exceptions['exceptPrincipals']),
        ...permissionSets(exceptions['exceptPermissionSets']).map(({ name, account }) =>
          setInWords({ permissionSet: name, account }),
        ),
        ...texts(exceptions['exceptServices']).map((service) => `the roles that ${service} has of its own`),
        ...(exceptions['exceptServiceLinkedRoles'] === true ? ['the roles that AWS services have of their own'] : []),
      ];
      return {
        who: `whoever is outside ${boundary.inside} ${valueInWords(value)}`,
        conditions: spared.length === 0 ? [] : [`not for ${spared.join(', ')}`],
      };
    },
  };
}

/** Whom a restriction spares; those who stand in its boundary are none of them. */
function exceptionsIn(said: Group): Group {
  const principals = texts(said['exceptPrincipals']);
  const sets = permissionSets(said['exceptPermissionSets']);
  const services = texts(said['exceptServices']);
  return {
    ...(principals.length > 0 && { exceptPrincipals: principals }),
    ...(sets.length > 0 && { exceptPermissionSets: sets }),
    ...(services.length > 0 && { exceptServices: services }),
    ...(said['exceptServiceLinkedRoles'] === true && { exceptServiceLinkedRoles: true }),
  };
}

const asGroup = (value: unknown): Group => ({ ...(typeof value === 'object' ? value : {}) });

/** Principals in a condition are roles: aws:PrincipalArn never holds a session. */
function parametersOfRequest({ parameter, outside }: Boundary, request: Group): Group {
  const { [parameter]: value } = asGroup(request['boundary']);
  const spared = texts(request['exceptPrincipals']);
  const named = outside === null ? texts(value) : [];
  const { exceptPrincipals, ...exceptions } = exceptionsIn(request);
  for (const name of [...named, ...spared]) {
    if (parsePrincipal(name)?.type !== 'assumedRole') continue;
    const path = outside === null ? `/boundary/${parameter}` : '/exceptPrincipals';
    throw new DomainError('validation-failed', {
      why: 'This is not a boundary that a restriction can have.',
      errors: [{ path, message: `must name the role of ${name}, not a session` }],
    });
  }
  return {
    [parameter]: outside === null ? [...named, ...spared] : value,
    ...(outside !== null && exceptPrincipals !== undefined && { exceptPrincipals }),
    ...exceptions,
    actions: request['actions'],
  };
}
