import { readIJson } from '../../json/i-json.ts';
import {
  asArray,
  grammarErrors,
  isPolicyDocument,
  type PolicyDocument,
  type Statement,
  statementsOf,
} from '../../policy/document.ts';
import { malformedPolicy } from '../protocol/errors.ts';
import { isServicePrincipal } from './service-principals.ts';
import { UNSUPPORTED_PRINCIPAL } from './stored-policy.ts';

type PolicyDialect = {
  /** The prefix of the actions that the policy may name. */
  service: 'secretsmanager' | 'kms' | 'sqs';
  /**
   * IAM documents letters and digits. The guide of Secrets Manager prints Sids with hyphens, and key policies have blanks
   * ("Enable IAM User Permissions").
   */
  sid: RegExp;
};
export const SECRET_POLICY: PolicyDialect = { service: 'secretsmanager', sid: /^[A-Za-z0-9-]*$/ };
export const KEY_POLICY: PolicyDialect = { service: 'kms', sid: /^[A-Za-z0-9 -]*$/ };

/** SQS's own AddPermission writes Sids such as `__owner_statement`. */
export const QUEUE_POLICY: PolicyDialect = { service: 'sqs', sid: /^[A-Za-z0-9_ -]*$/ };

/** @throws AwsError MalformedPolicyDocumentException: AWS's sentence, and in brackets what AWS does not say: where */
export function parsePolicy(text: string, dialect: PolicyDialect): PolicyDocument {
  let document: unknown;
  try {
    document = readIJson(text);
  } catch {
    throw malformedPolicy('This policy contains invalid Json');
  }
  if (!isPolicyDocument(document)) throw syntaxError(grammarFault(document));
  const fault = faultOf(document, dialect);
  if (fault !== undefined) throw syntaxError(fault);
  return document;
}

const syntaxError = (fault: string) => malformedPolicy(`This resource policy contains a syntax error. (${fault})`);

function grammarFault(document: unknown): string {
  const [first] = grammarErrors(document);
  return first === undefined ? 'not a policy document' : `${first.path || '/'} ${first.message}`;
}

function faultOf(document: PolicyDocument, dialect: PolicyDialect): string | undefined {
  const statements = statementsOf(document);
  if (statements.length === 0) return 'Statement is empty';
  const sids = statements.flatMap(({ Sid }) => (Sid === undefined || Sid === '' ? [] : [Sid]));
  const repeated = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (repeated !== undefined) return `Sid ${repeated} is used twice`;
  for (const statement of statements) {
    const fault = statementFault(statement, dialect);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function statementFault(statement: Statement, { service, sid }: PolicyDialect): string | undefined {
  if (statement.Sid !== undefined && !sid.test(statement.Sid)) return `Sid ${statement.Sid} has characters not allowed`;
  for (const element of ['Principal', 'Action', 'Resource'] as const) {
    const [given, negated] = [statement[element], statement[`Not${element}`]];
    if (given === undefined && negated === undefined) return `${element} is missing`;
    if (given !== undefined && negated !== undefined) return `${element} and Not${element} exclude each other`;
    if (Array.isArray(given ?? negated) && asArray(given ?? negated).length === 0) return `${element} is empty`;
  }
  const actions = [...asArray(statement.Action), ...asArray(statement.NotAction)];
  const action = actions.find((name) => name !== '*' && !new RegExp(`^${service}:[A-Za-z*?]+$`, 'i').test(name));
  if (action !== undefined) return `${action} is not an action of ${service}`;
  return principalFault(statement) ?? conditionFault(statement.Condition);
}

/** A resource policy of these services takes AWS principals and services; federated users come as ARNs under AWS. */
function principalFault({ Principal, NotPrincipal }: Statement): string | undefined {
  const principal = Principal ?? NotPrincipal;
  if (principal === undefined || principal === '*') return undefined;
  if (principal.Federated !== undefined || principal.CanonicalUser !== undefined) {
    throw malformedPolicy(UNSUPPORTED_PRINCIPAL);
  }
  if (Object.values(principal).some((names) => asArray(names).length === 0)) return 'Principal is empty';
  if (!asArray(principal.Service).every(isServicePrincipal)) throw malformedPolicy(UNSUPPORTED_PRINCIPAL);
  return undefined;
}

const OPERATOR = new RegExp(
  [
    '^(?:ForAllValues:|ForAnyValue:)?(?:',
    'String(?:Not)?Equals(?:IgnoreCase)?|String(?:Not)?Like|Numeric(?:Not)?Equals|(?:Numeric|Date)(?:Less|Greater)Than(?:Equals)?',
    '|Date(?:Not)?Equals|Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like)',
    ')(?:IfExists)?$|^Null$',
  ].join(''),
);

function conditionFault(condition: Statement['Condition'] = {}): string | undefined {
  const operator = Object.keys(condition).find((name) => !OPERATOR.test(name));
  if (operator !== undefined) return `${operator} is not a condition operator`;
  const key = Object.values(condition)
    .flatMap((keys) => Object.keys(keys))
    .find((name) => !/^[A-Za-z0-9./_-]+:[^\s]+$/.test(name));
  return key === undefined ? undefined : `${key} is not a condition key`;
}
