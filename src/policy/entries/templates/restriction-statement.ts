import type { TSchema } from 'typebox';
import { one, texts } from './share-conditions.ts';
import type { AnyTemplate, Group, StatementBody } from './template.ts';

/** What the boundaries have in common: everyone outside is denied. */
export type Boundary = {
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
  /** A network boundary: calls that an AWS service makes, for a caller or with a role of its own, do not come from there. */
  network: boolean;
  /** What no schema can say of the parameter. */
  conflict?: AnyTemplate['conflict'];
};

/** The path is AWS's own: nobody else can make a role there (IAM API Reference, CreateServiceLinkedRole). */
const SERVICE_LINKED_ROLES = 'arn:*:iam::*:role/aws-service-role/*';

const ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

export function readDeny(
  { parameter, outside, example, network }: Boundary,
  statement: StatementBody | undefined,
): Group {
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
    ...(network && condition['ArnNotLike'] !== undefined && { exceptServiceLinkedRoles: true }),
  };
}

/**
 * AWS services that call by themselves stay allowed (`aws:PrincipalIsAWSService`), and for network boundaries those that
 * pass on a caller's own call (`aws:ViaAWSService`). Neither is true of a role, whoever assumes it: not of a rotation
 * function's, nor of a service-linked one (IAM User Guide, "Data perimeters"; docs/adr/0010).
 */
export function renderDeny(
  { parameter, outside, network }: Pick<Boundary, 'parameter' | 'outside' | 'network'>,
  group: Group,
): StatementBody {
  const inside = texts(group[parameter]);
  const spared = outside === null ? inside : texts(group['exceptPrincipals']);
  const accounts = spared.flatMap((principal) => ROOT.exec(principal)?.[1] ?? []);
  const arns = spared.filter((principal) => !ROOT.test(principal));
  const conditions: { operator: string; key: string; values: readonly string[] }[] = [
    ...(outside === null ? [] : [{ ...outside, values: inside }]),
    { operator: 'ArnNotEquals', key: 'aws:PrincipalArn', values: arns },
    {
      operator: 'ArnNotLike',
      key: 'aws:PrincipalArn',
      values: group['exceptServiceLinkedRoles'] === true ? [SERVICE_LINKED_ROLES] : [],
    },
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
