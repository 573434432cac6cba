import fc from 'fast-check';
import { ALL_ACTIONS, GET_SECRET_VALUE, secretActions } from '../../src/policy/actions.ts';
import { PARTITIONS } from '../../src/policy/arn.ts';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { templates } from '../../src/policy/entries/templates/index.ts';
import type { AnyTemplate } from '../../src/policy/entries/templates/kinds/template.ts';

/** Requests to every template there is, and statements that are not ours. */

export type Request = { template: AnyTemplate; parameters: Record<string, unknown> };

export const partitions = fc.constantFrom(...PARTITIONS);

const textOf = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const DIGITS = '0123456789';
const NAME = 'abcXYZ019_+=,.@-';
// Few accounts, so that requests meet each other in one clause.
const accountIds = fc.oneof(fc.constantFrom('111111111111', '222222222222', '333333333333'), textOf(DIGITS, 12, 12));
const names = textOf(NAME, 2, 32);
const paths = fc.oneof(
  fc.constant(''),
  fc.constant('team/'),
  textOf(`${NAME}/!"#$%&'():;<>[]^{|}~`, 1, 20).map(slashed),
);

/** No `${`: AWS would expand it, so requests with one are refused. */
function withoutVariables(text: string): string {
  return text.replaceAll(/\$\{+/g, '$');
}

function slashed(path: string): string {
  return `${withoutVariables(path)}/`;
}

const unpathed = (kinds: string[], partition: string) =>
  fc
    .tuple(fc.constantFrom(...kinds), accountIds, paths, names)
    .map(([kind, account, path, name]) => `arn:${partition}:iam::${account}:${kind}/${path}${name}`);

const federated = (partition: string) =>
  fc.tuple(accountIds, names).map(([account, name]) => `arn:${partition}:sts::${account}:federated-user/${name}`);

export const principalsOf = (partition: string) =>
  fc.oneof(
    accountIds,
    accountIds.map((account) => `arn:${partition}:iam::${account}:root`),
    unpathed(['user', 'role'], partition),
    federated(partition),
    fc
      .tuple(accountIds, names, names)
      .map(([account, role, session]) => `arn:${partition}:sts::${account}:assumed-role/${role}/${session}`),
  );

const conditionPrincipalsOf = (partition: string) =>
  fc.oneof(unpathed(['user', 'role'], partition), federated(partition));

const organizations = fc.oneof(
  fc.constant('o-local00001'),
  textOf(`${DIGITS}abcxyz`, 10, 32).map((id) => `o-${id}`),
);
const hexadecimal = `${DIGITS}abcdef`;
const listOf = <T>(item: fc.Arbitrary<T>, maxLength = 4) => fc.array(item, { minLength: 1, maxLength });

/** Any text that AWS would not expand; a digit's row too, since an account id is one in another place. */
const freeText = fc
  .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), accountIds, fc.constant('AWSCURRENT'))
  .map(withoutVariables);

const tagKeys = fc.oneof(
  fc.constantFrom('team', 'cost-center', '__proto__', 'constructor', 'toString', 'aws:cloudformation/stack'),
  textOf(`${NAME.replace(',', '')}:/`, 1, 20),
);

const instants = fc
  .tuple(fc.date({ min: new Date('2026-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), fc.boolean())
  .map(([date, withMilliseconds]) =>
    withMilliseconds ? date.toISOString() : date.toISOString().replace(/\.\d+Z$/, 'Z'),
  );

/** By the parameter's name, or the template's and the parameter's. */
const parameterValues = (partition: string): Record<string, fc.Arbitrary<unknown>> => ({
  principal: principalsOf(partition),
  'deny-principal-arn.principal': conditionPrincipalsOf(partition),
  principals: listOf(principalsOf(partition)),
  exceptPrincipals: listOf(principalsOf(partition)),
  exceptServiceLinkedRoles: fc.constant(true),
  exceptServices: listOf(fc.constantFrom('appflow.amazonaws.com', 'dms.us-east-1.amazonaws.com')),
  exceptPermissionSets: listOf(fc.record({ name: fc.constantFrom('Ops', 'Ops_Admin', 'a,b@c'), account: accountIds })),
  account: accountIds,
  organization: organizations,
  organizationalUnit: fc
    .tuple(organizations, listOf(textOf(`${DIGITS}abcxyz`, 8, 32), 5))
    .map(([organization, units]) => [organization, 'r-root', ...units.map((unit) => `ou-root-${unit}`)].join('/')),
  permissionSet: fc.oneof(fc.constantFrom('Ops', 'Ops_Admin'), textOf(`${NAME}_`, 1, 32)),
  service: fc.constantFrom('appflow.amazonaws.com', 'dms.us-east-1.amazonaws.com', 'transfer.amazonaws.com'),
  sourceAccount: accountIds,
  sourceArn: fc.constantFrom('arn:aws:s3:::bucket', 'arn:aws:dms:us-east-1:111111111111:rep:*'),
  actions: listOf(fc.constantFrom(...secretActions)),
  versionStages: listOf(freeText),
  sourceVpcEndpoints: listOf(textOf(hexadecimal, 8, 17).map((id) => `vpce-${id}`)),
  vpcEndpoints: listOf(textOf(hexadecimal, 8, 17).map((id) => `vpce-${id}`)),
  vpcs: listOf(textOf(hexadecimal, 8, 17).map((id) => `vpc-${id}`)),
  sourceIps: listOf(fc.oneof(fc.ipV4(), fc.constantFrom('203.0.113.0/24', '2001:db8::/32', '2001:db8::1'))),
  principalTags: fc
    .array(fc.tuple(tagKeys, freeText), { minLength: 1, maxLength: 3 })
    .map((tags) => Object.fromEntries(tags)),
  matchTags: fc.uniqueArray(fc.constantFrom('team', 'aws:cloudformation:stack-name', 'cost-center', '__proto__'), {
    minLength: 1,
  }),
  expiresAt: instants,
});

/** Requests to one template. A parameter that nothing is known of here has the value of the template's example. */
export function requestsTo(template: AnyTemplate, partition: string): fc.Arbitrary<Request> {
  const known = parameterValues(partition);
  const required: string[] = template.parameters.required ?? [];
  const shape = Object.fromEntries(
    Object.keys(template.parameters.properties)
      .map((name) => [name, known[`${template.name}.${name}`] ?? known[name] ?? fromExample(template, name)] as const)
      .filter(([, value]) => value !== undefined),
  ) as Record<string, fc.Arbitrary<unknown>>;
  return fc
    .record(shape, { requiredKeys: required, noNullPrototype: true })
    .map((parameters) => ({ template, parameters: withoutConflict(parameters) }));
}

function fromExample(template: AnyTemplate, name: string): fc.Arbitrary<unknown> | undefined {
  return name in template.example ? fc.constant(template.example[name]) : undefined;
}

/** Stages go with GetSecretValue, never with every action; a source is of its account; a tag is asked for in one way. */
function withoutConflict(request: Record<string, unknown>): Record<string, unknown> {
  const { matchTags, ...others } = request;
  const asked = matchTags === undefined || request['principalTags'] === undefined ? request : others;
  const { sourceArn, sourceAccount } = asked;
  const parameters =
    sourceArn === undefined
      ? asked
      : { ...asked, sourceArn: String(sourceArn).replace('111111111111', String(sourceAccount)) };
  if (parameters['versionStages'] === undefined) return parameters;
  const actions = (parameters['actions'] as string[]).filter((action) => action !== ALL_ACTIONS);
  return { ...parameters, actions: [...actions, GET_SECRET_VALUE] };
}

export const requestsOf = (partition: string): fc.Arbitrary<Request> =>
  fc.oneof(...templates.map((template) => requestsTo(template, partition)));

/** fast-check makes objects without a prototype, JSON.parse none. */
const plain = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(shape, { noNullPrototype: true });

const elementValues = fc.oneof(freeText, listOf(freeText, 3));
const foreignPrincipals: fc.Arbitrary<NonNullable<Statement['Principal']>> = fc.oneof(
  fc.constant('*' as const),
  plain({ AWS: fc.oneof(principalsOf('aws'), listOf(principalsOf('aws'))) }),
  plain({ Service: fc.constantFrom('lambda.amazonaws.com', ['rds.amazonaws.com', 'ec2.amazonaws.com']) }),
);
const conditionBlocks = fc.dictionary(
  fc.constantFrom('StringEquals', 'StringLike', 'ArnLike', 'Bool', 'NumericLessThan', 'ForAnyValue:StringEquals'),
  fc.dictionary(
    fc.constantFrom('aws:SourceVpc', 'aws:PrincipalOrgID', 'aws:PrincipalTag/team', 'secretsmanager:VersionStage'),
    fc.oneof(elementValues, fc.boolean(), fc.nat()),
    { noNullPrototype: true, minKeys: 1 },
  ),
  { noNullPrototype: true, minKeys: 1 },
);

/** Statements of other people; some bear a Sid in the form of ours. */
const foreignStatements: fc.Arbitrary<Statement> = fc
  .record(
    {
      Sid: fc.oneof(
        textOf('abcXYZ019', 1, 10),
        textOf(hexadecimal, 16, 16).map((hash) => `Share${hash}`),
      ),
      Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
      Action: elementValues,
      NotAction: elementValues,
      Principal: foreignPrincipals,
      NotPrincipal: foreignPrincipals,
      Resource: elementValues,
      Condition: conditionBlocks,
    },
    { requiredKeys: ['Effect'], noNullPrototype: true },
  )
  .map((statement) => statement as Statement);

/** Policies that nobody here wrote; their Sids are unique, as AWS requires. */
export const foreignPolicies: fc.Arbitrary<PolicyDocument> = fc.record(
  {
    Version: fc.constantFrom('2012-10-17' as const, '2008-10-17' as const),
    Id: freeText,
    Statement: fc.uniqueArray(foreignStatements, {
      minLength: 1,
      maxLength: 5,
      selector: ({ Sid }) => Sid ?? Symbol('none'),
    }),
  },
  { requiredKeys: ['Statement'], noNullPrototype: true },
);
