import type { Clock } from '../../../clock.ts';
import { startDeadline } from '../../../deadline.ts';
import { DomainError } from '../../../problems/problem.ts';
import { createMemory } from '../../looks/memory.ts';
import type { ControlKind, Controls, Level, OrganizationLooks } from './controls.ts';

/** Which control policies bind an account. Never rejects for what AWS answers: what can't be seen is `unseen`, and says why. */
export type ControlsViewer = (account: string) => Promise<Controls>;

/** An organization changes seldom, and AWS answers few calls a second of it. */
const TTL_MS = 300_000;
/** What failed is asked for again sooner. */
const TTL_OF_FAILURE_MS = 15_000;
/** Answers: of accounts, units and policies. */
const MOST = 5_000;
/** Root, five units in each other, account (Organizations User Guide, "Quotas"). */
const MOST_LEVELS = 7;

/**
 * @param patienceMs how long a look waits for it, in milliseconds: what comes later is there for the next
 */
export function createControlsViewer(looks: OrganizationLooks, clock: Clock, patienceMs: number): ControlsViewer {
  const { once } = createMemory({ ttlMs: TTL_MS, max: MOST, clock });
  const failures = createMemory({ ttlMs: TTL_OF_FAILURE_MS, max: MOST, clock });

  async function pathOf(account: string): Promise<string[] | null> {
    const path = [account];
    while (path.length < MOST_LEVELS) {
      const [child = ''] = path;
      const parent = await once(`parent ${child}`, () => looks.parentOf(child));
      if (parent === null) return null;
      path.unshift(parent);
      if (parent.startsWith('r-')) return path;
    }
    throw new DomainError('aws-error', { why: `AWS names no root above account ${account}.` });
  }

  async function levelOf(target: string, kind: ControlKind): Promise<Level> {
    const attached = await once(`${kind} ${target}`, () => looks.attached(target, kind));
    const policies = [];
    for (const { id, name } of attached) {
      policies.push({ name, document: await once(`document ${id}`, () => looks.document(id)) });
    }
    return { target, policies };
  }

  async function look(account: string): Promise<Controls> {
    const asOf = clock();
    const { id, managementAccount } = await once('organization', () => looks.describe());
    const path = await pathOf(account);
    if (path === null) return { is: 'outside', organization: id };
    const unbound = account === managementAccount;
    const levels: Record<ControlKind, Level[]> = { serviceControl: [], resourceControl: [] };
    for (const target of unbound ? [] : path) {
      levels.serviceControl.push(await levelOf(target, 'serviceControl'));
      levels.resourceControl.push(await levelOf(target, 'resourceControl'));
    }
    return { is: 'seen', organization: id, path: `${[id, ...path.slice(0, -1)].join('/')}/`, unbound, levels, asOf };
  }

  const lookOrSay = (account: string): Promise<Controls> =>
    once(`account ${account}`, () => look(account)).catch((error: unknown) => {
      if (error instanceof DomainError) return { is: 'unseen', why: error.message };
      throw error;
    });

  return async (account) => {
    const { promise: late, resolve } = Promise.withResolvers<Controls>();
    const why = `AWS Organizations did not answer within ${patienceMs / 1_000} s.`;
    const callOff = startDeadline(patienceMs, () => resolve({ is: 'unseen', why }));
    const found = failures.once(account, () => lookOrSay(account));
    return Promise.race([found, late]).finally(callOff);
  };
}
