import { BATCH_GET } from '../actions.ts';
import { asArray, type PolicyDocument, type Statement, statementsOf } from '../document.ts';
import { type Budget, type InTurns, isDue, withinPart } from '../evaluate/budget.ts';
import { appliesToAction } from '../evaluate/statement.ts';
import { matches } from '../evaluate/wildcards.ts';
import { SERVICE_ACTIONS, TABLE_DATE } from '../service-table.ts';
import { statementName } from '../statement-name.ts';
import { conditionFaults } from './condition-faults.ts';
import { type Fault, ofList } from './fault.ts';

type Judging = { variables: boolean; arns: readonly string[]; budget: Budget };

/**
 * Statements of a secret's policy, or parts of them, that AWS takes and that can never match: a misspelt action, a key that
 * no request has, a date that is none. A Deny of that kind protects nobody, and is told first.
 * @param arns the secret's, in each of its Regions
 * @param budget what is not looked at for want of it is not said to be at fault
 */
export function* neverMatching(
  document: PolicyDocument | null,
  arns: readonly string[],
  budget: Budget,
): InTurns<{ code: 'never-matches'; message: string }[]> {
  const judging = { variables: document?.Version === '2012-10-17', arns, budget };
  const found: { statement: Statement; faults: Fault[] }[] = [];
  for (const statement of statementsOf(document)) {
    const faults = withinPart(budget, (part) => faultsOf(statement, { ...judging, budget: part }));
    if (faults.length > 0) found.push({ statement, faults });
    if (isDue(budget)) yield;
  }
  return [...found.filter(isDenial), ...found.filter((one) => !isDenial(one))].map(({ statement, faults }) => ({
    code: 'never-matches',
    message: `${verdictOn(statement, faults)}: ${faults.map(({ why }) => why).join('; ')}.`,
  }));
}

const isDenial = ({ statement }: { statement: Statement }): boolean => statement.Effect === 'Deny';

function verdictOn(statement: Statement, faults: readonly Fault[]): string {
  const where = `${statement.Effect} in ${statementName(statement)}`;
  if (!faults.some(({ whole }) => whole)) return `A part of the ${where} never matches`;
  return `The ${where} never matches and ${isDenial({ statement }) ? 'PROTECTS NOBODY' : 'lets nobody in'}`;
}

function faultsOf(statement: Statement, judging: Judging): Fault[] {
  const { Action, NotAction, Resource } = statement;
  const actions = Object.keys(SERVICE_ACTIONS).filter(
    (action) => isOnSecret(action) && isAbout(statement, action, judging),
  );
  return [
    ...ofList(asArray(Action), (text) => actionFault(text, judging)),
    ...asArray(NotAction)
      .filter((text) => actionsOf(text, judging).length === 0)
      .map((text) => ({ why: `NotAction excepts nothing by ${text}, which is ${NO_ACTION}`, whole: false })),
    ...ofList(asArray(Resource), (text) => resourceFault(text, judging)),
    ...conditionFaults(statement, judging.variables, actions),
  ];
}

const isOnSecret = (action: string): boolean => SERVICE_ACTIONS[action]?.onSecret === true;
const isAbout = (statement: Pick<Statement, 'Action' | 'NotAction'>, action: string, { budget }: Judging): boolean =>
  appliesToAction({ Effect: 'Allow', ...statement }, action, budget) !== 'no';
const actionsOf = (text: string, judging: Judging): string[] =>
  Object.keys(SERVICE_ACTIONS).filter((action) => isAbout({ Action: text }, action, judging));

const NO_ACTION = `no action of Secrets Manager (by AWS’s list of ${TABLE_DATE})`;

function actionFault(text: string, judging: Judging): string | undefined {
  const actions = actionsOf(text, judging);
  if (actions.length === 0) return `${text} is ${NO_ACTION}`;
  if (actions.some(isOnSecret)) return undefined;
  const instead = actions.includes(BATCH_GET) ? '; AWS asks it about secretsmanager:GetSecretValue of each secret' : '';
  return `${text} works on no resource, so that AWS asks no secret’s policy about it${instead}`;
}

function resourceFault(text: string, { variables, arns, budget }: Judging): string | undefined {
  const isOpen = variables && text.includes('${');
  if (isOpen || text === '*' || arns.some((arn) => matches({ text }, arn, budget) !== 'no')) return undefined;
  return `the Resource ${text} is not this secret`;
}
