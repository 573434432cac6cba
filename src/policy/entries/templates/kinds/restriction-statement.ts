import type { TSchema } from 'typebox';
import { canonicalJson } from '../../../../json/canonical-json.ts';
import { asArray, type ConditionBlock } from '../../../document.ts';
import { type PermissionSet, permissionSetIn, rolesOfSet } from '../../../principals/permission-set.ts';
import { one, texts } from './share-conditions.ts';
import type { AnyTemplate, Group, StatementBody } from './template.ts';

type Test = { operator: string; key: string; values: readonly string[] };

/** Who is outside of a boundary. */
type Outside = {
  /** Negated conditions: who meets one of them is outside. Each stands in a statement of its own. */
  find(values: readonly string[]): readonly [Test, ...Test[]];
  /** The values that the first of them was made of. */
  read(condition: ConditionBlock): string[];
};

/** Those of whom a key of the call has none of the values. */
export const otherThan = (operator: string, key: string): Outside => ({
  find: (values) => [{ operator, key, values }],
  read: (condition) => texts(condition[operator]?.[key]),
});

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
  /** Null: the parameter is itself a list of principals. */
  outside: Outside | null;
  /** A network boundary: calls that an AWS service makes, for a caller or with a role of its own, do not come from there. */
  network: boolean;
  /** What no schema can say of the parameter. */
  conflict?: AnyTemplate['conflict'];
};

/** The path is AWS's own: nobody else can make a role there (IAM API Reference, CreateServiceLinkedRole). */
const SERVICE_LINKED_ROLES = 'arn:*:iam::*:role/aws-service-role/*';
const rolesOfService = (service: string): string => `arn:*:iam::*:role/aws-service-role/${service}/*`;
const ROLES_OF_SERVICE = /^arn:\*:iam::\*:role\/aws-service-role\/([a-z0-9.-]+)\/\*$/;

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
  const patterns = texts(condition['ArnNotLike']?.['aws:PrincipalArn']);
  const sets = setsIn(patterns);
  const services = patterns.flatMap((pattern) => ROLES_OF_SERVICE.exec(pattern)?.[1] ?? []);
  const spared = {
    ...(sets.length > 0 && { exceptPermissionSets: sets }),
    ...(services.length > 0 && { exceptServices: services }),
  };
  if (outside === null) return { actions, [parameter]: principals, ...spared };
  const inside = outside.read(condition);
  return {
    actions,
    [parameter]: Array.isArray(example) ? inside : inside[0],
    ...(principals.length > 0 && { exceptPrincipals: principals }),
    ...spared,
    ...(network && patterns.includes(SERVICE_LINKED_ROLES) && { exceptServiceLinkedRoles: true }),
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
): [StatementBody, ...StatementBody[]] {
  const inside = texts(group[parameter]);
  const spared = outside === null ? inside : texts(group['exceptPrincipals']);
  const accounts = spared.flatMap((principal) => ROOT.exec(principal)?.[1] ?? []);
  const arns = spared.filter((principal) => !ROOT.test(principal));
  const spares: Test[] = [
    { operator: 'ArnNotEquals', key: 'aws:PrincipalArn', values: arns },
    {
      operator: 'ArnNotLike',
      key: 'aws:PrincipalArn',
      values: [
        ...(group['exceptServiceLinkedRoles'] === true ? [SERVICE_LINKED_ROLES] : []),
        ...texts(group['exceptServices']).map(rolesOfService),
        ...permissionSets(group['exceptPermissionSets']).flatMap((set) => rolesOfSet(set, '*')),
      ],
    },
    { operator: 'StringNotEquals', key: 'aws:PrincipalAccount', values: accounts },
    { operator: 'BoolIfExists', key: 'aws:PrincipalIsAWSService', values: ['false'] },
    { operator: 'BoolIfExists', key: 'aws:ViaAWSService', values: network ? ['false'] : [] },
  ];
  const deny = (tests: readonly Test[]): StatementBody => {
    const Condition: Record<string, Record<string, string | string[]>> = {};
    for (const { operator, key, values } of tests) {
      if (values.length > 0) Condition[operator] = { ...Condition[operator], [key]: one(values) };
    }
    return { Effect: 'Deny', Action: one(texts(group['actions'])), Principal: '*', Resource: '*', Condition };
  };
  if (outside === null) return [deny(spares)];
  const [first, ...others] = outside.find(inside);
  return [deny([first, ...spares]), ...others.map((test) => deny([test, ...spares]))];
}

/** Each once, by account and name. */
function setsIn(patterns: readonly string[]): PermissionSet[] {
  const found = patterns.flatMap((pattern) => permissionSetIn(pattern) ?? []);
  return [...new Map(found.map((set) => [canonicalJson(set), set]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, set]) => set);
}

export const permissionSets = (value: unknown): PermissionSet[] =>
  asArray(value).flatMap((set) =>
    typeof set === 'object' && set !== null && 'name' in set && 'account' in set
      ? [{ name: String(set.name), account: String(set.account) }]
      : [],
  );
