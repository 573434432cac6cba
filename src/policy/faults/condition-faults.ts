import ipaddr from 'ipaddr.js';
import { type ConditionTest, type Statement, testsOf } from '../document.ts';
import { operatorOf } from '../evaluate/condition-operators.ts';
import { variablesIn } from '../evaluate/variables.ts';
import { GLOBAL_KEYS, SERVICE_ACTIONS, TABLE_DATE } from '../service-table.ts';
import { type Fault, ofList } from './fault.ts';

/**
 * What in a statement's conditions can never hold, so that it never matches.
 * @param variables whether the document's version knows policy variables (2012-10-17)
 * @param actions those that the statement is about, as AWS spells them
 */
export const conditionFaults = (statement: Statement, variables: boolean, actions: readonly string[]): Fault[] =>
  testsOf(statement).flatMap((test) => faultsOf(test, variables, actions));

const OPERATOR = /^(?:ForAnyValue:)?([A-Za-z]+?)$/;

/** Only where a condition asks for a value: without one the negated operators hold, and so do `…IfExists` and ForAllValues. */
function faultsOf({ operator, key, values }: ConditionTest, variables: boolean, actions: readonly string[]): Fault[] {
  if (operator === 'Null') {
    const why = values.every((value) => /^false$/i.test(value)) ? keyFault(key, actions) : undefined;
    return why === undefined ? [] : [{ why, whole: true }];
  }
  const name = OPERATOR.exec(operator)?.[1] ?? '';
  const known = operatorOf(name);
  if (known === undefined || known.negated || name.endsWith('IfExists')) return [];
  const why = keyFault(key, actions);
  if (why !== undefined) return [{ why, whole: true }];
  return ofList(values, (text) => {
    const fault = known.takes === 'pattern' ? patternFault(name, key, text, variables) : valueFault(name, text);
    return fault && `${fault} (${operator} of ${key})`;
  });
}

/** Keys of other services may be there all the same (`ec2:SourceInstanceArn`): nothing is said of them. */
function keyFault(key: string, actions: readonly string[]): string | undefined {
  const lower = key.toLowerCase();
  if (lower.startsWith('aws:') && !isAmong(GLOBAL_KEYS, lower)) {
    return `AWS has no condition key ${key} (by its list of ${TABLE_DATE})`;
  }
  if (!lower.startsWith('secretsmanager:')) return undefined;
  if (actions.length === 0 || actions.some((action) => isAmong(SERVICE_ACTIONS[action]?.keys ?? [], lower))) {
    return undefined;
  }
  return `no call that the statement is about has the condition key ${key} (by AWS’s list of ${TABLE_DATE})`;
}

const isAmong = (keys: readonly string[], lower: string): boolean =>
  keys.some((key) => (key.endsWith('/') ? lower.startsWith(key) : lower === key));

/** Keys that hold what the caller writes, so that they may hold anything. */
const FREE_TEXT = /^(?:aws:(?:useragent|referer)|secretsmanager:(?:description|name))$/i;

function patternFault(operator: string, key: string, text: string, variables: boolean): string | undefined {
  const literal = !variables && /\$\{[^{}]+\}/.test(text);
  if (literal && !FREE_TEXT.test(key)) {
    return `“${text}” is taken to the letter in a policy without "Version": "2012-10-17"`;
  }
  const unknown = variables ? variablesIn(text).find((name) => isUnset(name, text)) : undefined;
  if (unknown !== undefined) return `the variable ${unknown} in “${text}” never has a value`;
  const noArn = operator.startsWith('Arn') && !/^arn:|[*?]|\$\{/.test(text);
  return noArn ? `“${text}” is not an ARN` : undefined;
}

/** Without a default, and of a key that AWS does not have. */
const isUnset = (key: string, text: string): boolean =>
  text.includes(`\${${key}}`) && /^aws:/i.test(key) && !isAmong(GLOBAL_KEYS, key.toLowerCase());

/** What nobody could read: what AWS makes of a spelling that it does not document is not known. */
function valueFault(operator: string, text: string): string | undefined {
  if (operator.startsWith('Date')) {
    const isDate = /^\d+$/.test(text) || !Number.isNaN(Date.parse(text));
    return isDate ? undefined : `“${text}” is not a date`;
  }
  if (operator.startsWith('Numeric')) return Number.isNaN(Number(text)) ? `“${text}” is not a number` : undefined;
  if (operator !== 'IpAddress') return undefined;
  const [address = ''] = text.split('/');
  return ipaddr.isValid(address) ? undefined : `“${text}” is not an address or a range of them`;
}
