import type { PolicyDocument } from '../../../policy/document.ts';
import { DomainError } from '../../../problems/problem.ts';
import type { OperationStore } from '../../bulk/operation.ts';
import type { VisibleSecrets } from '../../guard/visible-secrets.ts';
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { SecretPolicies } from '../../write/secret-policies.ts';
import { accountEvicted, policySpeaksOf } from '../evicted.ts';
import type { Evicted } from '../incident.ts';
import { itemsOf } from '../lift/progress.ts';
import type { StandingIncidents } from '../standing/standing-incidents.ts';

/** `policy` is undefined where it was never seen. */
export type SeenSecret = { secret: Secret; policy: PolicyDocument | null | undefined };

/** The secrets of all accounts and Regions, as they were last seen. Each method @throws DomainError audit-unavailable. */
export interface SeenEstate {
  /** `asOf`: just before AWS was asked. */
  find(arn: string): Promise<(SeenSecret & { asOf: Date }) | null>;
  /** Those with a tag, or of an account. */
  having(what: { tag: { key: string; value?: string } } | { account: string }): AsyncIterable<SeenSecret>;
  /** Those of an account, and those whose policies speak of one of it, of services, or of whom no account says. */
  near(account: string): AsyncIterable<SeenSecret>;
  /** What was never seen whole, in words: there may be more secrets there. */
  gaps(): Promise<string[]>;
}

/** `seen` is null for what nobody knows: AWS says so when its turn comes. */
export type Target = { secretId: string; seen: SeenSecret | null };

/** A replica's policy is its primary's. */
export function targetOf(seen: SeenSecret): Target {
  const { arn, region, primaryRegion } = seen.secret;
  const isReplica = primaryRegion !== null && primaryRegion !== region;
  return { secretId: isReplica ? arn.replace(`:${region}:`, `:${primaryRegion}:`) : arn, seen };
}

/** Names and ARNs as somebody gave them. */
export async function* named(
  secretIds: readonly string[],
  { policies, estate }: { policies: Pick<SecretPolicies, 'describe'>; estate: SeenEstate },
): AsyncGenerator<Target> {
  for (const secretId of secretIds) {
    const secret = await policies.describe(secretId).catch(unknown);
    if (secret === null) yield { secretId, seen: null };
    else yield targetOf({ secret, policy: (await estate.find(secret.arn))?.policy });
  }
}

function unknown(error: unknown): null {
  if (error instanceof DomainError) return null;
  throw error;
}

type Evictions = {
  estate: SeenEstate;
  standing: StandingIncidents;
  operations: Pick<OperationStore, 'items'>;
};

/**
 * Where somebody may be let in, whatever denies it by now: as one of the secret's account, by what its policy allows, or by a
 * share that an incident took and gives back when it is lifted.
 */
export async function* openTo(evicted: Evicted, { estate, standing, operations }: Evictions): AsyncGenerator<Target> {
  const account = accountEvicted(evicted);
  for await (const seen of estate.near(account)) {
    const { secret, policy } = seen;
    const speaks = policy === undefined || policySpeaksOf(policy, evicted, secret.partition);
    if (speaks || secret.account === account) yield targetOf(seen);
  }
  for (const { id, denial } of await standing()) {
    if (denial.action !== 'evict' || accountEvicted(denial.evicted) !== account) continue;
    for await (const { secretId } of itemsOf(operations, id)) yield { secretId, seen: await estate.find(secretId) };
  }
}

/** Asks once about each account. */
export function accountsFor(identity: Identity, visible: Pick<VisibleSecrets, 'assertMayUse'>) {
  const known = new Map<string, Promise<DomainError | null>>();
  return (secret: Pick<Secret, 'arn' | 'account'>): Promise<DomainError | null> => {
    const asked = known.get(secret.account) ?? visible.assertMayUse(identity, secret.arn).then(() => null, refusalOf);
    known.set(secret.account, asked);
    return asked;
  };
}

function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError && error.code === 'forbidden') return error;
  throw error;
}
