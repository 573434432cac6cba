import fc from 'fast-check';
import t from 'tap';
import { type PolicyDocument, type Statement, statementsOf } from '../../src/policy/document.ts';
import { evaluateAccess, evaluateStatements } from '../../src/policy/evaluate/evaluate.ts';
import { type Caller, type Decision, hasAccount, type JudgedCall } from '../../src/policy/evaluate/evaluation.ts';
import { roleOf } from '../../src/policy/principals/principal.ts';
import { cases } from '../runs.ts';
import { accessCase } from './arbitrary-access.ts';

const RUNS = cases(500, 20_000, 200_000);

/**
 * The context of a call that can be: who is of an organization is in it somewhere, and nobody else is in one; who is of
 * no account has no tags and no organization.
 */
function possible(caller: Caller, context: JudgedCall['context']): JudgedCall['context'] {
  if (!hasAccount(caller)) {
    return Object.fromEntries(Object.entries(context).filter(([key]) => !/^aws:principal(org|tag)/i.test(key)));
  }
  const { 'aws:PrincipalOrgID': id, 'aws:PrincipalOrgPaths': paths, ...others } = context;
  if (typeof id !== 'string' || paths === undefined) return others;
  const within = [paths].flat().map((path) => `${id}/${path}`);
  return {
    ...others,
    'aws:PrincipalOrgID': id,
    'aws:PrincipalOrgPaths': within.length === 0 ? [`${id}/r-a/`] : within,
  };
}

/** A case and the same with some of its context keys not known. */
const veiled = fc.tuple(accessCase, fc.infiniteStream(fc.boolean())).map(([any, hide]) => {
  const context = possible(any.request.caller, any.request.context);
  const given = { ...any, request: { ...any.request, context } };
  const kept = Object.entries(given.request.context).filter(() => !hide.next().value);
  const request: JudgedCall = { ...given.request, context: Object.fromEntries(kept), contextIs: 'partial' };
  return { given, veiled: { ...given, request } };
});

/** Whether an answer given on less knowledge stands when more is known. */
const stands = (before: Decision, after: Decision): boolean =>
  before === 'unknown' || before === after || (before === 'implicitlyDenied' && after === 'explicitlyDenied');

t.test('what is answered without some context keys holds whatever they are', async () => {
  fc.assert(
    fc.property(veiled, ({ given, veiled }) => stands(evaluateAccess(veiled).decision, evaluateAccess(given).decision)),
    RUNS,
  );
});

t.test('what is answered without identity policies holds whatever they are', async () => {
  fc.assert(
    fc.property(accessCase, (given) => {
      const { decision, needsIdentityPolicy } = evaluateAccess({ ...given, identityPolicies: 'unknown' });
      return stands(decision, evaluateAccess(given).decision) && needsIdentityPolicy === (decision === 'unknown');
    }),
    RUNS,
  );
});

t.test('what is answered without the session holds for every session of the role', async () => {
  fc.assert(
    fc.property(accessCase, (given) => {
      const { sessionArn: _, ...caller } = given.request.caller;
      fc.pre(caller.type === 'assumedRole');
      const { decision } = evaluateAccess({ ...given, request: { ...given.request, caller } });
      return stands(decision, evaluateAccess(given).decision);
    }),
    RUNS,
  );
});

t.test('what is answered about whoever is of an account, less some, holds for each of the others', async () => {
  const others = [
    'arn:aws:iam::222222222222:role/other',
    'arn:aws:iam::123456789999:user/team/Zoe',
    'arn:aws:iam::444444444444:root',
  ];
  fc.assert(
    fc.property(
      veiled,
      fc.constantFrom('account', 'organization'),
      fc.subarray(others),
      ({ given, veiled }, of, except) => {
        const { type, account } = given.request.caller;
        fc.pre(type !== 'service' && type !== 'anonymous' && (of === 'account' || account !== '111111111111'));
        const caller: Caller = { type: 'someone', arn: '', account: of === 'account' ? account : '', except };
        const { decision } = evaluateAccess({ ...veiled, request: { ...veiled.request, caller } });
        return stands(decision, evaluateAccess(given).decision);
      },
    ),
    RUNS,
  );
});

t.test('what is answered about a role of any path holds for each path', async () => {
  fc.assert(
    fc.property(veiled, ({ given, veiled }) => {
      const { caller } = given.request;
      fc.pre(caller.type === 'assumedRole');
      const pathless = { ...caller, arn: roleOf(caller.arn) ?? '', anyPath: true };
      const { decision } = evaluateAccess({ ...veiled, request: { ...veiled.request, caller: pathless } });
      return stands(decision, evaluateAccess(given).decision);
    }),
    RUNS,
  );
});

t.test('a statement depends on something exactly when it is unknown whether it applies', async () => {
  fc.assert(
    fc.property(veiled, ({ veiled: { resourcePolicy, request } }) =>
      evaluateStatements(resourcePolicy, request, 'resourcePolicy').every(
        ({ applies, dependsOn }) => (applies === 'unknown') === dependsOn.length > 0,
      ),
    ),
    RUNS,
  );
});

t.test('every statement given as the reason applies, and is of the policies', async () => {
  fc.assert(
    fc.property(accessCase, (given) => {
      const { decision, because } = evaluateAccess(given);
      const all = [given.resourcePolicy, ...given.identityPolicies].flatMap(statementsOf);
      return (
        because.every(({ statement }) => all.includes(statement)) &&
        because.length > 0 === (decision !== 'implicitlyDenied') &&
        because.every(({ effect }) => (effect === 'Deny') === (decision === 'explicitlyDenied'))
      );
    }),
    RUNS,
  );
});

const withStatements = (document: PolicyDocument | null, change: (all: readonly Statement[]) => Statement[]) => ({
  Version: '2012-10-17' as const,
  Statement: change(statementsOf(document)),
});

t.test('the order of statements does not matter', async () => {
  fc.assert(
    fc.property(accessCase, (given) => {
      const resourcePolicy = withStatements(given.resourcePolicy, (all) => all.toReversed());
      return evaluateAccess({ ...given, resourcePolicy }).decision === evaluateAccess(given).decision;
    }),
    RUNS,
  );
});

t.test('one statement a resource or action says the same as one with lists', async () => {
  const split = (statement: Statement): Statement[] =>
    [statement.Action].flat().flatMap((Action) =>
      [statement.Resource].flat().map((Resource) => ({
        ...statement,
        ...(Action !== undefined && { Action }),
        ...(Resource !== undefined && { Resource }),
      })),
    );
  fc.assert(
    fc.property(accessCase, (given) => {
      const resourcePolicy = withStatements(given.resourcePolicy, (all) => all.flatMap(split));
      return evaluateAccess({ ...given, resourcePolicy }).decision === evaluateAccess(given).decision;
    }),
    RUNS,
  );
});

t.test('a Deny of everything denies explicitly, whatever else there is', async () => {
  const deny: Statement = { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' };
  fc.assert(
    fc.property(veiled, ({ veiled }) => {
      const resourcePolicy = withStatements(veiled.resourcePolicy, (all) => [...all, deny]);
      return evaluateAccess({ ...veiled, resourcePolicy }).decision === 'explicitlyDenied';
    }),
    RUNS,
  );
});

t.test('another Deny never allows, another Allow never denies', async () => {
  fc.assert(
    fc.property(accessCase, accessCase, (given, other) => {
      const before = evaluateAccess(given).decision;
      const [statement] = statementsOf(other.resourcePolicy);
      fc.pre(statement !== undefined);
      const resourcePolicy = withStatements(given.resourcePolicy, (all) => [...all, statement]);
      const after = evaluateAccess({ ...given, resourcePolicy }).decision;
      // The other case's statement may leave this caller open.
      if (after === before || after === 'unknown') return true;
      return statement.Effect === 'Deny'
        ? after === 'explicitlyDenied'
        : before === 'implicitlyDenied' && after === 'allowed';
    }),
    RUNS,
  );
});
