import { OF_ROTATION } from '../../access/commands/rotation-warnings.ts';
import type { Survey } from '../../access/judge/survey.ts';
import { parseArn } from '../../policy/arn.ts';
import { asArray, type ConditionTest, type Statement, statementsOf, testsOf } from '../../policy/document.ts';
import { appliesToAction } from '../../policy/evaluate/statement.ts';
import { statementId } from '../../policy/statement-name.ts';

/** A Deny by network that spares no role of the account whose function rotates the secret. */
export type RotationShutOut = { functionArn: string; statement: string };

/** Null also where a condition that is not read here may spare it. */
export function rotationShutOut({ secret, policy, budget }: Survey): RotationShutOut | null {
  const functionArn = secret.rotation?.functionArn ?? null;
  if (functionArn === null) return null;
  const owner = parseArn(functionArn)?.account ?? secret.account;
  const statement = statementsOf(policy).find(
    (one) =>
      one.Effect === 'Deny' &&
      isOfEverybody(one) &&
      OF_ROTATION.some((action) => appliesToAction(one, action, budget) === 'yes') &&
      sparesNoneOf(owner, testsOf(one)),
  );
  return statement === undefined ? null : { functionArn, statement: statementId(statement) };
}

const isOfEverybody = ({ Principal }: Statement): boolean =>
  Principal === '*' || (Principal !== undefined && asArray(Principal.AWS).includes('*'));

const NETWORK = ['aws:sourcevpce', 'aws:sourcevpc', 'aws:sourceip'];
/** False of a function’s own calls (docs/adr/0010). */
const OF_SERVICES = ['aws:principalisawsservice', 'aws:viaawsservice'];

function sparesNoneOf(account: string, tests: readonly ConditionTest[]): boolean {
  const isNetwork = ({ operator, key }: ConditionTest) =>
    NETWORK.includes(key.toLowerCase()) && /^(String|Arn)?Not/.test(operator);
  const isOfServices = ({ operator, key, values }: ConditionTest) =>
    OF_SERVICES.includes(key.toLowerCase()) && /^Bool/.test(operator) && values.every((value) => value === 'false');
  /** Whom it spares by name: others than of this account. */
  const sparesOthers = ({ operator, key, values }: ConditionTest) => {
    if (!/^(String|Arn)Not(Equals|Like)/.test(operator)) return false;
    if (key.toLowerCase() === 'aws:principalaccount')
      return !values.some((value) => value === account || /[*?$]/.test(value));
    return key.toLowerCase() === 'aws:principalarn' && values.every((arn) => isOfAnother(arn, account));
  };
  return tests.some(isNetwork) && tests.every((test) => isNetwork(test) || isOfServices(test) || sparesOthers(test));
}

/** Roles that AWS services have are no function’s. */
const isOfAnother = (arn: string, account: string): boolean => {
  if (/^arn:[^:]+:iam::[^:]*:role\/aws-service-role\//.test(arn)) return true;
  const of = parseArn(arn)?.account;
  return of !== undefined && /^\d{12}$/.test(of) && of !== account;
};
