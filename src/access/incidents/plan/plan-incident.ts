import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../clock.ts';
import { counted } from '../../../english.ts';
import { sha256 } from '../../../hash.ts';
import { canonicalJson } from '../../../json/canonical-json.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { parse } from '../../../policy/entries/parse.ts';
import type { Budget, InTurns } from '../../../policy/evaluate/budget.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { OperationStore } from '../../bulk/operation.ts';
import type { Authorizer } from '../../guard/authorizer.ts';
import { assertAllowed } from '../../guard/guard-change.ts';
import type { VisibleSecrets } from '../../guard/visible-secrets.ts';
import type { Identity } from '../../identity.ts';
import { judgeNamed } from '../../judge/judge-named.ts';
import { surveyOf } from '../../judge/survey.ts';
import { judgeInTurns } from '../../judge/turns.ts';
import type { Secret } from '../../secret.ts';
import type { SecretPolicies } from '../../write/secret-policies.ts';
import { sharesOf } from '../changes/evict-principal.ts';
import type { IncidentAsked } from '../incident.ts';
import type { StandingIncidents } from '../standing/standing-incidents.ts';
import { mayRead, readerEvicted } from './may-read.ts';
import { type Meant, readAsked } from './read-asked.ts';
import { accountsFor, named, openTo, type SeenEstate, type SeenSecret, type Target, targetOf } from './targets.ts';

/** Of one incident: its items are in memory, and so are those of the operation. */
const MOST_SECRETS = 10_000;
/** Secrets whose readers are told by name. */
const JUDGED = 500;

type Item = { secretId: string; request: Record<string, unknown> };
type Refused = { secretId: string; detail: string };

/** What an incident would do. */
export type IncidentPlan = {
  meant: Meant;
  items: Item[];
  /** Secrets that it is about, that the guardrails keep the caller from, and that it may know of. */
  refused: Refused[];
  /** With those that it may not. */
  refusedTotal: number;
  /** Who reads now, as far as policies name it, and of how many secrets; of the first 500 secrets. */
  hit: { principal: string; secrets: number }[];
  /** Secrets that it may have read: evicting somebody does not make it forget. */
  rotate: string[];
  /** Shares that are taken. */
  shares: number;
  /** Where there may be more. */
  gaps: string[];
  /** Stands for just this. */
  token: string;
};

export type IncidentPlanner = (
  identity: Identity,
  asked: IncidentAsked,
  said: { hasReason: boolean; hasTicket: boolean; dryRun: boolean },
) => Promise<IncidentPlan>;

/** @throws DomainError forbidden, validation-failed, audit-unavailable */
export function createIncidentPlanner(deps: {
  estate: SeenEstate;
  policies: Pick<SecretPolicies, 'describe'>;
  standing: StandingIncidents;
  operations: Pick<OperationStore, 'items'>;
  visible: Pick<VisibleSecrets, 'assertMayUse' | 'knows'>;
  authorizer: Authorizer;
  partition: string;
  clock: Clock;
}): IncidentPlanner {
  function targets(meant: Meant): AsyncIterable<Target> {
    if (meant.action === 'evict') return openTo(meant.evicted, deps);
    const { frozen } = meant;
    return 'secretIds' in frozen ? named(frozen.secretIds, deps) : each(deps.estate.having(frozen));
  }

  return async (identity, asked, said) => {
    const meant = readAsked(asked, deps.partition);
    const { action } = meant;
    const context = { escalates: false, ...said };
    assertAllowed(deps.authorizer, { identity, action, secret: null, context });
    if (meant.action === 'freeze' && 'secretIds' in meant.frozen)
      await deps.visible.assertMayUse(identity, ...meant.frozen.secretIds);
    const mayUse = accountsFor(identity, deps.visible);
    /** `detail` is null where the caller may not know that there is such a secret. */
    const refusal = async ({ secret }: SeenSecret): Promise<{ detail: string | null } | null> => {
      if ((await mayUse(secret)) !== null) return { detail: null };
      const decision = deps.authorizer.decide({ identity, action, secret, context });
      if (decision.allowed) return null;
      if (!deps.visible.knows(identity, secret)) return { detail: null };
      return { detail: new DomainError('forbidden', { action, policies: decision.policies }).message };
    };

    const judge = judgeOf(meant, identity, deps);
    const found = new Map<string, Item>();
    const refused = new Map<string, string | null>();
    const hit = new Map<string, number>();
    const rotate: string[] = [];
    let shares = 0;
    for await (const { secretId, seen } of targets(meant)) {
      if (found.has(secretId) || refused.has(secretId) || seen?.secret.deletedAt != null) continue;
      const why = seen === null ? null : await refusal(seen);
      if (why !== null) {
        refused.set(secretId, why.detail);
        continue;
      }
      const { readers, isRead, taken } = seen === null ? NOTHING_KNOWN : await judge(seen, found.size < JUDGED);
      found.set(secretId, { secretId, request: requestOf(meant) });
      for (const name of readers) hit.set(name, (hit.get(name) ?? 0) + 1);
      if (isRead) rotate.push(secretId);
      shares += taken;
      if (found.size > MOST_SECRETS) throw tooMany();
      await nextTurn();
    }
    const items = [...found.values()];
    return {
      ...{ meant, items, rotate, shares, refusedTotal: refused.size },
      refused: [...refused].flatMap(([secretId, detail]) => (detail === null ? [] : [{ secretId, detail }])),
      hit: [...hit].map(([principal, secrets]) => ({ principal, secrets })).sort((a, b) => b.secrets - a.secrets),
      gaps: await deps.estate.gaps(),
      token: sha256(canonicalJson([requestOf(meant), action, items.map(({ secretId }) => secretId).sort()])),
    };
  };
}

const requestOf = (meant: Meant): Record<string, unknown> =>
  meant.action === 'freeze' ? { except: meant.except } : { ...meant.evicted };

async function* each(all: AsyncIterable<SeenSecret>): AsyncGenerator<Target> {
  for await (const seen of all) yield targetOf(seen);
}

type Judged = { readers: string[]; isRead: boolean; taken: number };
/** What was never seen may have been read. */
const NOTHING_KNOWN: Judged = { readers: [], isRead: true, taken: 0 };

/** @returns whom it hits there, and whether what is hit may have read it. */
function judgeOf(meant: Meant, identity: Identity, { partition, clock }: { partition: string; clock: Clock }) {
  const now = clock();
  const reader = meant.action === 'evict' ? readerEvicted(meant.evicted, partition) : null;

  return async ({ secret, policy }: SeenSecret, inFull: boolean): Promise<Judged> => {
    if (policy === undefined) return NOTHING_KNOWN;
    if (meant.action === 'evict' && reader !== null) {
      const isRead = await mayRead({ secret, policy }, reader, { now, identity });
      const taken = sharesOf(parse(policy, secret.partition), meant.evicted).length;
      return { readers: isRead ? [reader.name] : [], isRead, taken };
    }
    const readers = inFull ? await judgeInTurns(identity, (budget) => readersOf({ secret, policy }, now, budget)) : [];
    return { readers: readers.filter((name) => !isExcepted(name, meant)), isRead: true, taken: 0 };
  };
}

/** Who reads, or may. */
function* readersOf(
  { secret, policy }: { secret: Secret; policy: PolicyDocument | null },
  now: Date,
  budget: Budget,
): InTurns<string[]> {
  const survey = yield* surveyOf(secret, policy, now, budget);
  const readers: string[] = [];
  for (const name of survey.allowed.keys()) {
    const { decision, isGone } = yield* judgeNamed(survey, name);
    if (!isGone && (decision === 'allowed' || decision === 'unknown')) readers.push(name);
  }
  return readers;
}

const isExcepted = (name: string, meant: Meant): boolean => meant.action === 'freeze' && meant.except.includes(name);

const tooMany = () =>
  new DomainError('validation-failed', {
    why: `These are more than ${counted(MOST_SECRETS)} secrets: name fewer at once, by account or by tag.`,
  });
