import Type, { type TSchema } from 'typebox';
import { DomainError } from '../../../problems/problem.ts';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { parsePrincipal } from '../../principal.ts';
import { actionsWithDefault, ExceptPrincipals } from './parameters.ts';
import { inWords, one, texts } from './share-conditions.ts';
import type { AnyTemplate, Group, StatementBody } from './template.ts';

/** What the boundaries have in common: everyone outside is denied. */
type Boundary = {
  /** The parameter, and the member of `boundary` in a RestrictionRequest. */
  parameter: string;
  schema: TSchema;
  title: string;
  description: string;
  /** The boundary in words, before its value: `the VPC endpoints`. */
  inside: string;
  example: string | string[];
  /** The negated condition that finds those outside. Null: the parameter is itself a list of principals. */
  outside: { operator: string; key: string } | null;
  /** A network boundary: calls that an AWS service makes on a caller's behalf do not come from the caller's network. */
  network: boolean;
  /** What no schema can say of the parameter. */
  conflict?: AnyTemplate['conflict'];
};

const ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

/** Its parameter's name is known at run time only, so that its parameters have no types here. */
export function restrictionTemplate(boundary: Boundary): AnyTemplate {
  const { parameter, schema, title, description, outside } = boundary;
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
      actions,
    },
    chosenBy: [`/boundary/${parameter}`],
    accepts: (request) => parametersOfRequest(boundary, request),
    render: (group) => [renderDeny(boundary, group)],
    read: ([statement]) => ({ group: readDeny(boundary, statement), members: [] }),
    shows: {
      boundary: Type.Unsafe<Group>({
        type: 'object',
        additionalProperties: true,
        description: 'Of a restriction: who is outside of it is denied.',
      }),
      exceptPrincipals: Type.Array(Type.String(), { description: 'Of a restriction: principals that it spares.' }),
    },
    show({ [parameter]: value, exceptPrincipals }) {
      return { boundary: { [parameter]: value }, exceptPrincipals: texts(exceptPrincipals), conditions: {} };
    },
    parametersOf(shown) {
      const spared = texts(shown['exceptPrincipals']);
      return { ...asGroup(shown['boundary']), ...(spared.length > 0 && { exceptPrincipals: spared }) };
    },
    subject: () => ({}),
    words({ [parameter]: value, exceptPrincipals }) {
      const spared = texts(exceptPrincipals);
      return {
        who: `whoever is outside ${boundary.inside} ${inWords(value)}`,
        conditions: spared.length === 0 ? [] : [`not for ${spared.join(', ')}`],
      };
    },
  };
}

const asGroup = (value: unknown): Group => ({ ...(typeof value === 'object' ? value : {}) });

/** Principals in a condition are roles: aws:PrincipalArn never holds a session. */
function parametersOfRequest({ parameter, outside }: Boundary, request: Group): Group {
  const { [parameter]: value } = asGroup(request['boundary']);
  const spared = texts(request['exceptPrincipals']);
  const named = outside === null ? texts(value) : [];
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
    ...(outside !== null && spared.length > 0 && { exceptPrincipals: spared }),
    actions: request['actions'],
  };
}

function readDeny({ parameter, outside, example }: Boundary, statement: StatementBody | undefined): Group {
  const condition = statement?.Condition ?? {};
  const actions = texts(statement?.Action);
  const principals = [
    ...texts(condition['ArnNotEquals']?.['aws:PrincipalArn']),
    ...texts(condition['StringNotEquals']?.['aws:PrincipalAccount']),
  ];
  if (outside === null) return { actions, [parameter]: principals };
  const inside = texts(condition[outside.operator]?.[outside.key]);
  return {
    actions,
    [parameter]: Array.isArray(example) ? inside : inside[0],
    ...(principals.length > 0 && { exceptPrincipals: principals }),
  };
}

/**
 * AWS services that act for the caller stay allowed: `aws:PrincipalIsAWSService`, and for network boundaries
 * `aws:ViaAWSService` (IAM User Guide, "Data perimeters"; rotation and CloudFormation break without them).
 */
function renderDeny({ parameter, outside, network }: Boundary, group: Group): StatementBody {
  const inside = texts(group[parameter]);
  const spared = outside === null ? inside : texts(group['exceptPrincipals']);
  const accounts = spared.flatMap((principal) => ROOT.exec(principal)?.[1] ?? []);
  const arns = spared.filter((principal) => !ROOT.test(principal));
  const conditions: { operator: string; key: string; values: readonly string[] }[] = [
    ...(outside === null ? [] : [{ ...outside, values: inside }]),
    { operator: 'ArnNotEquals', key: 'aws:PrincipalArn', values: arns },
    { operator: 'StringNotEquals', key: 'aws:PrincipalAccount', values: accounts },
    { operator: 'BoolIfExists', key: 'aws:PrincipalIsAWSService', values: ['false'] },
    { operator: 'BoolIfExists', key: 'aws:ViaAWSService', values: network ? ['false'] : [] },
  ];
  const block: Record<string, Record<string, string | string[]>> = {};
  for (const { operator, key, values } of conditions) {
    if (values.length > 0) block[operator] = { ...block[operator], [key]: one(values) };
  }
  return { Effect: 'Deny', Action: one(texts(group['actions'])), Principal: '*', Resource: '*', Condition: block };
}
