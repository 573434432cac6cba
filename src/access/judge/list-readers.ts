import type { Clock } from '../../clock.ts';
import { type Page, pageOf } from '../../page.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { etagOf } from '../../policy/canonical.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type EntryInWords, entryInWords } from '../../policy/entries/words.ts';
import { newBudget, STEPS_IN_TURNS } from '../../policy/evaluate/budget.ts';
import { createPauses } from '../../turns/event-loop.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { EntryOrigins } from '../looks/entry-origins.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { deletionNotes } from './check-access.ts';
import { judgeNamed, type NamedVerdict } from './judge-named.ts';
import type { LegExaminer } from './legs/legs.ts';
import { viewSides } from './legs/view-sides.ts';
import { denial, type Judged, type Named, type ReaderAccess, readerAccess } from './reader-access.ts';
import { type Survey, surveyOf } from './survey.ts';
import { judgeInTurns } from './turns.ts';

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
