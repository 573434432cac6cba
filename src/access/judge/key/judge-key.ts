import { type PolicyDocument, statementsOf } from '../../../policy/document.ts';
import { type Budget, type InTurns, isDue } from '../../../policy/evaluate/budget.ts';
import { allowsByItself, allowsByName, evaluateAccess } from '../../../policy/evaluate/evaluate.ts';
import type { Decision, JudgedCall, StatementVerdict } from '../../../policy/evaluate/evaluation.ts';
import type { Truth } from '../../../policy/evaluate/truth.ts';
import { allUses, type KeyUse } from '../../../policy/key-use.ts';
import { EVERYTHING } from '../judge-policy.ts';
import type { Reader } from '../reader.ts';
import type { Granted } from './grants-for.ts';
import { keyContext } from './key-request.ts';
import type { KeyView, SeenKey } from './view-key.ts';

/** What a key says to one use of it by a reader, whose identity policies are taken to allow. */
export type KeyVerdict = {
  use: KeyUse;
  decision: Decision;
  /** Whether it does so without them. */
  byItself: Truth;
  /** Whether it names the user or session then (SecretPart). */
  byName: Truth;
  /** When the grants that it rests on are surely known everywhere; null where they are, or where it rests on none. */
  settlesAt: Date | null;
  /** The statements that decide, or may. */
  because: StatementVerdict[];
};

/** Milliseconds. "Usually less than five minutes" (KMS Developer Guide, "Grants in AWS KMS", eventual consistency). */
const GRANT_SETTLES_MS = 5 * 60_000;

/** A verdict on each use that the reader's actions make of the key. */
export function* judgeKey(view: KeyView & SeenKey, reader: Reader, budget: Budget): InTurns<KeyVerdict[]> {
  const { key, policy } = view;
  const grants = view.grants(reader.caller);
  const young = grants.filter(({ createdAt }) => ageOf(createdAt, view.at) < GRANT_SETTLES_MS);
  const rules = withGrants(policy, grants);
  const settled =
    young.length === 0
      ? null
      : withGrants(
          policy,
          grants.filter((grant) => !young.includes(grant)),
        );
  const context = keyContext(view, reader, [policy]);
  const verdicts: KeyVerdict[] = [];
  for (const use of allUses(view.uses)) {
    // Of thousands of grants one evaluation takes as long as it takes: in parts it would tell less.
    if (isDue(budget)) yield;
    const request: JudgedCall = {
      ...{ caller: reader.caller, action: use, resource: key.arn, resourceAccount: key.account },
      ...{ context, contextIs: 'partial', budget },
    };
    const ask = (resourcePolicy: PolicyDocument) =>
      evaluateAccess({ request, resourcePolicy, identityPolicies: [EVERYTHING] });
    const { decision, because } = ask(rules);
    const settles = decision === 'allowed' && settled !== null && ask(settled).decision !== 'allowed';
    const byItself = allowsByItself(rules, request);
    verdicts.push({
      use,
      decision,
      byItself,
      // That a grant names somebody as a policy does, no document says.
      byName: byItself === 'yes' ? allowsByName(policy, request) : 'no',
      settlesAt: settles ? lastOf(young) : null,
      because: because.filter(({ source }) => source === 'resourcePolicy'),
    });
  }
  return verdicts;
}

/** A grant, as the statement of the key's policy that would allow the same: so that one evaluator judges both. */
const withGrants = (policy: PolicyDocument, grants: readonly Granted[]): PolicyDocument => ({
  ...policy,
  Statement: [...statementsOf(policy), ...grants.map(({ statement }) => statement)],
});

const ageOf = (createdAt: Date | null, now: Date): number => now.getTime() - (createdAt?.getTime() ?? 0);

const lastOf = (young: readonly Granted[]): Date =>
  new Date(Math.max(...young.map(({ createdAt }) => createdAt?.getTime() ?? 0)) + GRANT_SETTLES_MS);
