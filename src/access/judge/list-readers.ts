import type { Clock } from '../../clock.ts';
import { type Page, pageOf } from '../../page.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { etagOf } from '../../policy/canonical.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type EntryInWords, entryInWords } from '../../policy/entries/words.ts';
import { type InTurns, newBudget, partInTurns, STEPS_IN_TURNS } from '../../policy/evaluate/budget.ts';
import { evaluateStatements } from '../../policy/evaluate/evaluate.ts';
import type { Decision } from '../../policy/evaluate/evaluation.ts';
import { createPauses } from '../../turns/event-loop.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { EntryOfChange, EntryOrigins } from '../looks/entry-origins.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { deletionNotes } from './check-access.ts';
import { type Dependency, dependenciesOf, openQuestions } from './dependency.ts';
import { lastExpiry } from './expiry.ts';
import { judgeNamed, type NamedVerdict } from './judge-named.ts';
import { partsOf, type SecretVerdict } from './judge-secret.ts';
import { judgedCall } from './judged-call.ts';
import type { Leg } from './legs/leg.ts';
import type { LegExaminer, LegsOf } from './legs/legs.ts';
import { viewSides } from './legs/view-sides.ts';
import { type ReaderKind, readerOf, withPath } from './reader.ts';
import { type StatementPlace, type Survey, surveyOf } from './survey.ts';
import { judgeInTurns } from './turns.ts';

type Judged<Of extends Named> = Omit<Of, 'entries'>;
type Named = {
  principal: string;
  kind: ReaderKind;
  /** Ours that name it: shares, denials and restrictions. */
  entryIds: string[];
  /** The same, with the changes that made them. */
  entries: EntryOfChange[];
  deniedBy: StatementPlace[];
  dependsOn: Dependency[];
};

type ReaderAccess = Named & {
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

type ReaderPage = Page<ReaderAccess> & {
  /** Those whom a Deny names and no Allow does. `*` is everyone outside a boundary. */
  denied: Named[];
  notes: string[];
  /** Of the policy that they were judged by. */
  etag: string;
};

export type ReaderLister = {
  /** @throws DomainError secret-not-found, forbidden, validation-failed, aws-… */
  list(identity: Identity, secretId: string, page: { limit?: number; cursor?: string }): Promise<ReaderPage>;
};

/** Everyone whom the attached policy lets read a secret's value, or names in vain: by name, each name once. */
export function createReaderLister(deps: {
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  authorizer: Authorizer;
  legs: LegExaminer;
  origins: EntryOrigins;
  clock: Clock;
}): ReaderLister {
  return {
    async list(identity, secretId, query) {
      const [secret, policy] = await Promise.all([deps.policies.describe(secretId), deps.policies.get(secretId)]);
      guardLook(deps.authorizer, identity, 'checkAccess', secret);
      const [budget, now] = [newBudget(STEPS_IN_TURNS), deps.clock()];
      const survey = await judgeInTurns(identity, () => surveyOf(secret, policy, now, budget), budget);
      const { items, nextCursor } = pageOf([...survey.allowed.keys()], (name) => name, query);
      const legsOf = await deps.legs.lookAt(secret, items.length === 0 ? [] : [GET_SECRET_VALUE]);
      const pause = createPauses();
      const named: [string, NamedVerdict][] = [];
      for (const name of items) {
        named.push([name, await judgeInTurns(identity, () => judgeNamed(survey, name), budget)]);
        await pause();
      }
      const left = named.map(([, { judged }]) => judged.left);
      const sideOf = await viewSides(deps.legs, left, { toldTo: identity, clock: deps.clock });
      const readers: Judged<ReaderAccess>[] = [];
      for (const [name, verdict] of named) {
        const side = sideOf(verdict.judged.left);
        const judge = () => readerAccess(survey, name, verdict, (parts) => legsOf(parts, side, budget));
        readers.push(await judgeInTurns(identity, judge, budget));
        await pause();
      }
      const denied: Judged<Named>[] = [];
      for (const name of survey.denied.keys()) {
        if (!survey.allowed.has(name))
          denied.push(...(await judgeInTurns(identity, () => denial(survey, name), budget)));
        await pause();
      }
      const withEntries = await entriesWithOrigins(survey, [...readers, ...denied], (entries) =>
        deps.origins(identity, secret, entries),
      );
      return {
        items: readers.map(withEntries),
        nextCursor,
        denied: denied.map(withEntries),
        notes: [ownAccountNote(secret), ...deletionNotes(secret)],
        etag: etagOf(policy),
      };
    },
  };
}

const ownAccountNote = ({ account }: Secret): string =>
  `Principals of the secret’s own account ${account} may also read by an identity policy alone, unless a statement ` +
  'denies it. Those policies can’t be seen from here.';

/** Each reader with its entries whole. */
async function entriesWithOrigins(
  { secret, policy }: Survey,
  readers: readonly Pick<Named, 'entryIds'>[],
  originsOf: (entries: readonly EntryInWords[]) => ReturnType<EntryOrigins>,
) {
  const wanted = new Set(readers.flatMap(({ entryIds }) => entryIds));
  const entries = entriesOf(parse(policy, secret.partition))
    .filter(({ id }) => wanted.has(id))
    .map(entryInWords);
  const told = await originsOf(entries);
  const byId = new Map(entries.map((entry) => [entry.id, told(entry)]));
  return <Of extends Pick<Named, 'entryIds'>>(reader: Of) => ({
    ...reader,
    entries: reader.entryIds.flatMap((id) => byId.get(id) ?? []),
  });
}

function* readerAccess(
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

function* denial(survey: Survey, name: string): InTurns<Judged<Named>[]> {
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
