// The variables are IAM’s.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as above
import { MAX_POLICY_CHARACTERS, type PolicyDocument, type Statement } from '../../src/policy/document.ts';

const EVERYBODY: Statement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };

/** A document of one statement as full as AWS takes it, of elements made one by one. */
export function filled(
  element: (index: number) => string,
  statement: (elements: string[]) => Partial<Statement>,
): PolicyDocument {
  const elements: string[] = [];
  const document = (): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: { ...EVERYBODY, ...statement(elements) },
  });
  const room = MAX_POLICY_CHARACTERS - JSON.stringify(document()).length;
  for (let used = 0, index = 0; ; index += 1) {
    const next = element(index);
    used += JSON.stringify(next).length + 1;
    if (used > room) return document();
    elements.push(next);
  }
}

/** The same of statements. */
function crowded(statement: (index: number) => Partial<Statement>): PolicyDocument {
  const statements: Statement[] = [];
  for (let used = 60, index = 0; ; index += 1) {
    const next = { ...EVERYBODY, ...statement(index) };
    used += JSON.stringify(next).length + 1;
    if (used > MAX_POLICY_CHARACTERS) return { Version: '2012-10-17', Statement: statements };
    statements.push(next);
  }
}

const test = (operator: string, key: string) => (values: string[]) => ({
  Condition: { [operator]: { [key]: values } },
});
const PATTERN = `${'*a'.repeat(200)}b`;

/** Documents that AWS takes, each as much work to judge as its kind can be, by what they are full of. */
export const hostileDocuments = (): [string, PolicyDocument][] => [
  ['variables in one text', { Version: '2012-10-17', Statement: { ...EVERYBODY, Resource: '${k}'.repeat(5_000) } }],
  [
    'unknown variables in one text',
    { Version: '2012-10-17', Statement: { ...EVERYBODY, Resource: '${a:b}'.repeat(3_300) } },
  ],
  [
    'variables in resources',
    filled(
      () => '${a:b}',
      (Resource) => ({ Resource }),
    ),
  ],
  ['variables in a condition', filled(() => '${k}', test('StringLike', 'k'))],
  ['unknown variables in a condition', filled((index) => `\${a:${index}}`, test('StringLike', 'k'))],
  [
    'unknown variables against many values',
    filled((index) => `\${a:${index}}`, test('ForAnyValue:StringLike', 'aws:TagKeys')),
  ],
  ['variables against many values', filled(() => '${k}*', test('ForAllValues:StringLike', 'aws:TagKeys'))],
  ['wildcards against one value', filled(() => PATTERN, test('StringLike', 'k'))],
  ['wildcards against many values', filled(() => PATTERN, test('ForAnyValue:StringNotLike', 'aws:TagKeys'))],
  ['wildcards against a set', filled(() => PATTERN, test('StringLike', 'aws:PrincipalArn'))],
  ['wildcards of ARNs against a set', filled(() => `arn:*:*:*:*:${PATTERN}`, test('ArnLike', 'aws:PrincipalArn'))],
  [
    'wildcards in actions',
    filled(
      () => `secretsmanager:${'*e'.repeat(30)}`,
      (Action) => ({ Action }),
    ),
  ],
  [
    'wildcards in resources',
    filled(
      () => `arn:*:${PATTERN}`,
      (Resource) => ({ Resource }),
    ),
  ],
  ['addresses', filled(() => '::/1', test('ForAnyValue:IpAddress', 'aws:TagKeys'))],
  ['dates', filled(() => '1', test('ForAnyValue:DateEquals', 'aws:TagKeys'))],
  ['base64', filled(() => 'AA==', test('ForAnyValue:BinaryEquals', 'aws:TagKeys'))],
  ['ignored case', filled(() => 'a', test('ForAnyValue:StringEqualsIgnoreCase', 'aws:TagKeys'))],
  ['texts', filled(String, test('ForAnyValue:StringEquals', 'aws:TagKeys'))],
  ['nulls', filled(() => 'maybe', test('Null', 'k'))],
  [
    'principals',
    filled(
      (index) => String(100_000_000_000 + index),
      (AWS) => ({ Principal: { AWS } }),
    ),
  ],
  [
    'sessions',
    filled(
      (index) => `arn:aws:sts::222222222222:assumed-role/app/${index}`,
      (AWS) => ({ Principal: { AWS } }),
    ),
  ],
  [
    'providers',
    filled(
      (index) => `a${index}`,
      (Federated) => ({ Principal: { Federated } }),
    ),
  ],
  ['statements', crowded(() => ({}))],
  [
    'denials of somebody',
    crowded((index) => ({ Effect: 'Deny', Principal: { AWS: `arn:aws:iam::222222222222:role/r${index}` } })),
  ],
  [
    'tests',
    crowded((index) => ({ Condition: { StringLike: { [`a${index}`]: '*' }, StringNotLike: { k: `${index}*` } } })),
  ],
];
