import fc from 'fast-check';
import type { ConditionBlock } from '../../src/policy/document.ts';
import type { JudgedCall } from '../../src/policy/evaluate/evaluation.ts';

/** Short texts of few characters, so that patterns meet them often. */
const word = fc.string({ unit: fc.constantFrom('a', 'a', 'b', 'A', '.', ':'), minLength: 1, maxLength: 3 });
const glob = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', '.', '/', ':', '*', '*', '?'),
  minLength: 1,
  maxLength: 6,
});

const timestamp = fc.integer({ min: 0, max: 6 }).map((days) => new Date(Date.UTC(2026, 0, 1 + days)).toISOString());
const dateText = fc.oneof(
  timestamp,
  timestamp.map((time) => time.slice(0, 10)),
  timestamp.map((time) => time.replace('.000Z', '+02:00')),
);
const integer = fc.integer({ min: -3, max: 3 }).map(String);
const address = fc.oneof(
  fc.tuple(fc.constantFrom(9, 10), fc.constantFrom(0, 1), fc.constantFrom(1, 2)).map(([a, b, c]) => `${a}.${b}.0.${c}`),
  fc.constantFrom('2001:db8:0:1::1', '2001:db8:0:2::1'),
);
const network = fc.constantFrom(
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.0.2/31',
  '9.0.0.0/32',
  '8.0.0.0/5',
  '2001:db8::/48',
  '2001:db8:0:1::/64',
);
const topic = fc
  .tuple(
    fc.constantFrom('sns', 'sqs'),
    fc.constantFrom('us-east-1', 'eu-west-1', ''),
    fc.constantFrom('a', 'ab', 'a:b'),
  )
  .map(([service, region, name]) => `arn:aws:${service}:${region}:111111111111:${name}`);
const topicPattern = fc
  .tuple(
    fc.constantFrom('s?s', 'sns', '*'),
    fc.constantFrom('us-*', '*', ''),
    fc.constantFrom('1*', '111111111111', '*'),
    fc.constantFrom('a', 'a*', '*b', '?', '*'),
  )
  .map(([service, region, account, name]) => `arn:aws:${service}:${region}:${account}:${name}`);

/** A kind of condition key: its names, the values that requests have and those that policies compare with. */
type Kind = {
  keys: string[];
  value: fc.Arbitrary<string>;
  wanted: fc.Arbitrary<string>;
  operators: string[];
  /** Further values, of variables; `negatable` ones always have a value. */
  variables?: { any: string[]; negatable: string[] };
};

/** `${…}`, a variable of policies and none of this language. */
export const variable = (body: string): string => `$\{${body}}`;

const SAFE = [variable("aws:PrincipalTag/team, 'a'"), `a${variable('*')}`, `*${variable('?')}`, `${variable('$')}a*`];
const TEAM = [...SAFE, variable('aws:PrincipalTag/team'), `${variable('aws:PrincipalTag/team')}*`];
const comparisons = (prefix: string): string[] =>
  ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
    (name) => prefix + name,
  );

const KINDS: Kind[] = [
  {
    keys: ['aws:SourceVpce', 'aws:PrincipalTag/team', 'aws:UserAgent', 'aws:SourceVpc', 'aws:PrincipalOrgID'],
    value: word,
    wanted: fc.oneof(word, glob),
    operators: ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
      (name) => `String${name}`,
    ),
    variables: { any: TEAM, negatable: SAFE },
  },
  {
    keys: ['aws:SourceArn'],
    value: topic,
    wanted: fc.oneof(topic, topicPattern),
    operators: ['ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike'],
    variables: {
      any: TEAM.map((text) => `arn:aws:sns:*:111111111111:${text}`),
      negatable: SAFE.map((text) => `arn:aws:sns:*:111111111111:${text}`),
    },
  },
  {
    keys: ['aws:CurrentTime', 'aws:TokenIssueTime'],
    value: timestamp,
    wanted: dateText,
    operators: comparisons('Date'),
  },
  {
    keys: ['aws:EpochTime'],
    value: fc.constantFrom('1767225600', '1767225601'),
    wanted: fc.constantFrom('1767225600', '1767225602'),
    operators: comparisons('Date'),
  },
  {
    keys: ['aws:MultiFactorAuthAge'],
    value: integer,
    wanted: fc.oneof(integer, fc.constantFrom('0.5', '-1.0', '2.0')),
    operators: comparisons('Numeric'),
  },
  {
    keys: ['aws:SecureTransport', 'aws:ViaAWSService'],
    value: fc.constantFrom('true', 'false'),
    wanted: fc.constantFrom('true', 'false', 'True'),
    operators: ['Bool'],
  },
  {
    keys: ['aws:SourceIp', 'aws:VpcSourceIp'],
    value: address,
    wanted: network,
    operators: ['IpAddress', 'NotIpAddress'],
  },
  { keys: ['aws:SourceIp'], value: address, wanted: address, operators: ['IpAddress'] },
  {
    keys: ['aws:Referer'],
    value: fc.constantFrom('QUJD', 'QUJE'),
    wanted: fc.constantFrom('QUJD', 'qujd'),
    operators: ['BinaryEquals'],
  },
];

const MULTIVALUED = ['aws:TagKeys', 'aws:PrincipalOrgPaths', 'aws:CalledVia'];

/** Keys that follow from the caller; not every caller has them. */
const CALLER_KEYS: Record<string, string[]> = {
  'aws:PrincipalAccount': ['123456789999', '222222222222'],
  'aws:PrincipalArn': ['arn:aws:iam::123456789999:user/Mary', 'arn:aws:iam::*:role/*', 'arn:aws:iam::111111111111:*'],
  'aws:PrincipalType': ['User', 'AssumedRole', 'Anonymous'],
  'aws:username': ['Mary', '*a*'],
  'aws:PrincipalIsAWSService': ['true', 'false'],
  'aws:PrincipalServiceName': ['lambda.amazonaws.com'],
  'aws:ResourceAccount': ['111111111111', '222222222222'],
};

const oneOrMany = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }));

const cased = (key: string): fc.Arbitrary<string> => fc.constantFrom(key, key, key.toUpperCase());

const ofKind = fc.constantFrom(...KINDS).chain(({ keys, wanted, operators, variables }) =>
  fc
    .tuple(
      fc.constantFrom(...operators),
      fc.constantFrom('', '', '', 'IfExists', 'ForAllValues:', 'ForAnyValue:'),
      fc.constantFrom(...keys).chain(cased),
    )
    .chain(([operator, mode, key]) => {
      const texts = variables && (operator.includes('Not') ? variables.negatable : variables.any);
      const values =
        texts === undefined ? wanted : fc.oneof({ weight: 4, arbitrary: wanted }, fc.constantFrom(...texts));
      const name = mode === 'IfExists' ? `${operator}${mode}` : `${mode}${operator}`;
      return oneOrMany(values).map((value) => ({ [name]: { [key]: value } }));
    }),
);

const ofMultivalued = fc
  .tuple(
    fc.constantFrom('ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'),
    fc.constantFrom(...MULTIVALUED),
    oneOrMany(fc.oneof(word, glob)),
  )
  .map(([set, operator, key, wanted]) => ({ [set + operator]: { [key]: wanted } }));

const ofCaller = fc
  .tuple(
    fc.constantFrom(...Object.entries(CALLER_KEYS)),
    fc.constantFrom('StringLike', 'StringNotLike', 'StringEqualsIfExists', 'StringNotEquals'),
  )
  .chain(([[key, wanted], operator]) =>
    oneOrMany(fc.constantFrom(...wanted)).map((values) => ({ [operator]: { [key]: values } })),
  );

const ofNull = fc
  .tuple(
    fc.constantFrom(...KINDS.flatMap(({ keys }) => keys), ...MULTIVALUED, ...Object.keys(CALLER_KEYS)),
    fc.constantFrom('true', 'false'),
  )
  .map(([key, value]) => ({ Null: { [key]: value } }));

/** None in half of all statements, else mostly one. */
export const conditionBlock: fc.Arbitrary<ConditionBlock | undefined> = fc
  .constantFrom(0, 0, 0, 1, 1, 2)
  .chain((count) =>
    fc.array(fc.oneof({ weight: 5, arbitrary: ofKind }, ofMultivalued, ofCaller, ofNull), {
      minLength: count,
      maxLength: count,
    }),
  )
  .map((blocks) => (blocks.length === 0 ? undefined : Object.assign({}, ...blocks)));

/** Some of the keys that conditions ask for. */
export const requestContext: fc.Arbitrary<JudgedCall['context']> = fc.record<Record<string, string | string[]>>(
  Object.fromEntries([
    ...KINDS.flatMap(({ keys, value }) => keys.map((key) => [key, value] as const)),
    ...MULTIVALUED.map((key) => [key, fc.array(word, { minLength: 1, maxLength: 3 })] as const),
  ]),
  { requiredKeys: [] },
);
