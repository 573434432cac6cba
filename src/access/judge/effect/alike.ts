import { parseArn } from '../../../policy/arn.ts';
import { type PolicyDocument, statementsOf } from '../../../policy/document.ts';
import { type Budget, isSpent, spend } from '../../../policy/evaluate/budget.ts';
import { UNKNOWN } from '../../../policy/evaluate/request-context.ts';
import { namingOf } from '../../../policy/evaluate/statement-principal.ts';
import { valuesOf } from '../../../policy/principals/role-path.ts';
import type { Reader } from '../reader.ts';

/**
 * What policies see of a set of callers: two of one likeness are the same to them, so that of hundreds that one statement
 * names one is judged. Those whose names the conditions speak of are like nobody.
 */
export function likenesses(
  policies: readonly (PolicyDocument | null)[],
  ownAccount: string,
  budget: Budget,
): (reader: Reader) => string {
  const statements = policies.flatMap(statementsOf);
  const isVariable = statements.some((statement) => JSON.stringify(statement).includes('${'));
  const accounts = isVariable ? undefined : accountsIn(policies);
  return (reader) => {
    const { name, kind, caller } = reader;
    const isSingular = caller.except !== undefined || caller.account === '' || caller.account === ownAccount;
    if (isSingular || accounts === undefined || accounts.has(caller.account)) return name;
    spend(budget, statements.length * STEPS_OF_NAMING);
    const namings = statements.map((statement) => {
      const { direct, delegated } = namingOf(statement, caller, () => UNKNOWN, budget);
      return `${direct[0]}${delegated[0]}`;
    });
    // Then it is not known how they name it.
    return isSpent(budget) ? name : [kind, JSON.stringify(reader.context), ...namings].join();
  };
}

/** To look for somebody among those whom a statement names takes as long as to compare so many characters. */
const STEPS_OF_NAMING = 20;

/** The accounts that conditions on callers speak of; undefined where they may speak of any. */
function accountsIn(policies: readonly (PolicyDocument | null)[]): ReadonlySet<string> | undefined {
  const values = policies.flatMap((policy) => OF_CALLERS.flatMap((key) => valuesOf(policy, key)));
  const accounts = values.map((value) => (/^\d{12}$/.test(value) ? value : (parseArn(value)?.account ?? '')));
  return accounts.every((account) => /^\d{12}$/.test(account)) ? new Set(accounts) : undefined;
}

const OF_CALLERS = ['aws:principalarn', 'aws:principalaccount', 'aws:userid', 'aws:username'];
