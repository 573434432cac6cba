import { accountIn } from './arn.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf, testsOf } from './document.ts';

/**
 * The statements by which a policy lets anybody in: an Allow for every principal that no condition ties to fixed organisations,
 * accounts, principals, networks or addresses. Source: Amazon S3 User Guide, "The meaning of public", which describes
 * the same reasoning engine (Zelkova) that BlockPublicPolicy asks.
 */
export const publicStatements = (document: PolicyDocument | null): Statement[] =>
  statementsOf(document).filter(
    (statement) => statement.Effect === 'Allow' && isForEveryone(statement) && !isTied(statement),
  );

function isForEveryone({ Principal, NotPrincipal }: Statement): boolean {
  if (NotPrincipal !== undefined) return true;
  return Principal === '*' || (Principal !== undefined && asArray(Principal.AWS).includes('*'));
}

/** Operators that fail when the key is absent; `…IfExists` and ForAllValues let the absent key pass. */
const TYING_OPERATOR = /^(?:ForAnyValue:)?(?:String(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Equals|Like)|IpAddress)$/;
const TYING_KEYS = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:userid',
  'aws:sourceorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceip',
]);

const isTied = (statement: Statement): boolean =>
  testsOf(statement).some(
    ({ operator, key, values }) =>
      TYING_OPERATOR.test(operator) && TYING_KEYS.has(key.toLowerCase()) && values.every(isFixed),
  );

/** Not a wildcard over everything; an ARN names its account; an address range is /8 (IPv6: /32) or narrower. */
function isFixed(value: string): boolean {
  const [, address, bits] = /^([0-9.]+|[0-9a-f:]*:[0-9a-f:.]*)\/(\d+)$/i.exec(value) ?? [];
  if (address !== undefined) return Number(bits) >= (address.includes(':') ? 32 : 8);
  if (value.startsWith('arn:')) return /^\d{12}$/.test(accountIn(value) ?? '');
  return !/[*?]|\$\{/.test(value);
}
