import Type, { type TSchema } from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { actionsWithDefault, ExceptPrincipals } from './parameters.ts';
import { one, texts } from './share-conditions.ts';
import { type AnyTemplate, defineTemplate, type StatementBody, type Template } from './template.ts';

/** What the five boundaries have in common: everyone outside is denied. */
type Boundary = {
  /** The parameter, and the member of `boundary` in a RestrictionRequest. */
  parameter: string;
  schema: TSchema;
  title: string;
  description: string;
  example: string | string[];
  /** The negated condition that finds those outside. Null: the parameter is itself a list of principals. */
  outside: { operator: string; key: string } | null;
  /** A network boundary: calls that an AWS service makes on a caller's behalf do not come from the caller's network. */
  network: boolean;
  /** What no schema can say of the parameter. */
  conflict?: Template['conflict'];
};

const ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

export function restrictionTemplate(boundary: Boundary): AnyTemplate {
  const { parameter, outside } = boundary;
  return defineTemplate({
    name: `restrict-to-${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    kind: 'restriction',
    title: boundary.title,
    description: boundary.description,
    parameters: Type.Object(
      {
        [parameter]: boundary.schema,
        ...(outside === null ? {} : { exceptPrincipals: Type.Optional(ExceptPrincipals) }),
        actions: actionsWithDefault([GET_SECRET_VALUE]),
      },
      { additionalProperties: false },
    ) as never,
    packs: null,
    ...(boundary.conflict && { conflict: boundary.conflict }),
    example: { [parameter]: boundary.example, actions: [GET_SECRET_VALUE] } as never,
    render: (group: Record<string, unknown>) => [renderDeny(boundary, group)],
    read([statement]: readonly StatementBody[]) {
      const condition = statement?.Condition ?? {};
      const inside = outside === null ? [] : texts(condition[outside.operator]?.[outside.key]);
      const principals = [
        ...texts(condition['ArnNotEquals']?.['aws:PrincipalArn']),
        ...texts(condition['StringNotEquals']?.['aws:PrincipalAccount']),
      ];
      const isList = Array.isArray(boundary.example);
      const group =
        outside === null
          ? { [parameter]: principals }
          : {
              [parameter]: isList ? inside : inside[0],
              ...(principals.length > 0 && { exceptPrincipals: principals }),
            };
      return { group: { actions: asArray(statement?.Action), ...group } as never, members: [] };
    },
  } as never);
}

/**
 * AWS services that act for the caller stay allowed: `aws:PrincipalIsAWSService`, and for network boundaries
 * `aws:ViaAWSService` (IAM User Guide, "Data perimeters"; rotation and CloudFormation break without them).
 */
function renderDeny({ parameter, outside, network }: Boundary, group: Record<string, unknown>): StatementBody {
  const inside = asArray(group[parameter] as string | string[]);
  const spared = outside === null ? inside : asArray(group['exceptPrincipals'] as string[] | undefined);
  const accounts = spared.flatMap((principal) => ROOT.exec(principal)?.[1] ?? []);
  const arns = spared.filter((principal) => !ROOT.test(principal));
  const conditions: [operator: string, key: string, values: readonly string[]][] = [
    ...(outside === null ? [] : [[outside.operator, outside.key, inside] as [string, string, readonly string[]]]),
    ['ArnNotEquals', 'aws:PrincipalArn', arns],
    ['StringNotEquals', 'aws:PrincipalAccount', accounts],
    ['BoolIfExists', 'aws:PrincipalIsAWSService', ['false']],
    ['BoolIfExists', 'aws:ViaAWSService', network ? ['false'] : []],
  ];
  const block: Record<string, Record<string, string | string[]>> = {};
  for (const [operator, key, values] of conditions) {
    if (values.length > 0) block[operator] = { ...block[operator], [key]: one(values) };
  }
  return { Effect: 'Deny', Action: one(group['actions'] as string[]), Principal: '*', Resource: '*', Condition: block };
}
