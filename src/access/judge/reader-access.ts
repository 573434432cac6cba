import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { type InTurns, partInTurns } from '../../policy/evaluate/budget.ts';
import { evaluateStatements } from '../../policy/evaluate/evaluate.ts';
import type { Decision } from '../../policy/evaluate/evaluation.ts';
import type { EntryOfChange } from '../looks/entry-origins.ts';
import { type Dependency, dependenciesOf, openQuestions } from './dependency.ts';
import { lastExpiry } from './expiry.ts';
import type { NamedVerdict } from './judge-named.ts';
import { partsOf, type SecretVerdict } from './judge-secret.ts';
import { judgedCall } from './judged-call.ts';
import type { Leg } from './legs/leg.ts';
import type { LegsOf } from './legs/legs.ts';
import { type ReaderKind, readerOf, withPath } from './reader.ts';
import type { StatementPlace, Survey } from './survey.ts';

/** Without the changes that made its entries, which the journal tells. */
export type Judged<Of extends Named> = Omit<Of, 'entries'>;
export type Named = {
  principal: string;
  kind: ReaderKind;
  /** Ours that name it: shares, denials and restrictions. */
  entryIds: string[];
  /** The same, with the changes that made them. */
  entries: EntryOfChange[];
  deniedBy: StatementPlace[];
  dependsOn: Dependency[];
};

export type ReaderAccess = Named & {
  decision: Decision;
  /** The Allow statements that name it or let it in. */
  because: StatementPlace[];
  /** The last of them to expire; null when one does not. RFC 3339. */
  expiresAt: string | null;
  expired: boolean;
  orphaned: boolean;
  legs: Leg[];
  /** Those of a set for whom it is not so. */
  exceptions: { principal: string; decision: Decision; because: StatementPlace[] }[];
};

/** What one name whom an Allow lets in may do, by the verdict. */
export function* readerAccess(
  survey: Survey,
  name: string,
  { reader, situation, judged, decision, isGone }: NamedVerdict,
  legsOf: (verdict: SecretVerdict) => ReturnType<LegsOf>,
): InTurns<Judged<ReaderAccess>> {
  const { secret, now, allowed, denied, place, entryIds } = survey;
  const naming = allowed.get(name) ?? [];
  const letting = judged.because.filter(({ effect }) => effect === 'Allow').map(({ statement }) => statement);
  const because = [...new Set([...naming, ...letting])];
  const expiry = lastExpiry(because);
  const parts = yield* partsOf(situation, judged.left, [GET_SECRET_VALUE]);
  return {
    principal: name,
    kind: reader.kind,
    decision,
    because: because.map(place),
    deniedBy: judged.because
      .filter(({ effect, applies }) => effect === 'Deny' && applies === 'yes')
      .map(({ statement }) => place(statement)),
    dependsOn: [...(isGone ? [GONE] : []), ...openQuestions(judged, reader.caller.account === secret.account)],
    entryIds: entryIds(reader, [...because, ...(denied.get(name) ?? [])]),
    expiresAt: expiry === null ? null : expiry.toISOString().replace('.000Z', 'Z'),
    expired: expiry !== null && expiry <= now,
    orphaned: reader.kind === 'deleted',
    legs: yield* legsOf({ ...judged, parts }),
    exceptions: judged.exceptions.map(({ because: statements, ...exception }) => ({
      ...exception,
      because: statements.map(({ statement }) => place(statement)),
    })),
  };
}

const GONE: Dependency = {
  key: 'Principal',
  description:
    'AWS shows this unique id in the place of a principal that was deleted. Nobody reads by it any more, and a new principal of the same name is another one.',
};

/** Of whom only a Deny speaks; nothing where none of those applies. */
export function* denial(survey: Survey, name: string): InTurns<Judged<Named>[]> {
  const { secret, policy, now, denied, place, entryIds, budget } = survey;
  const reader = withPath(readerOf(name, secret.partition), [policy]);
  const naming = denied.get(name) ?? [];
  const found = yield* partInTurns(budget, (part) => {
    const call = { secret, reader, action: GET_SECRET_VALUE, now, policies: [policy], budget: part };
    return evaluateStatements(policy, judgedCall(call), 'resourcePolicy');
  });
  const verdicts = found.filter(
    ({ effect, applies, statement }) => effect === 'Deny' && (applies === 'yes' || naming.includes(statement)),
  );
  if (verdicts.length === 0) return [];
  return [
    {
      principal: name,
      kind: reader.kind,
      deniedBy: verdicts.map(({ statement }) => place(statement)),
      dependsOn: verdicts.some(({ applies }) => applies === 'yes') ? [] : dependenciesOf(verdicts),
      entryIds: entryIds(reader, naming),
    },
  ];
}
