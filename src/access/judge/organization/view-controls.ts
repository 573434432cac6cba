import type { Clock } from '../../../clock.ts';
import { DomainError } from '../../../problems/problem.ts';
import { within } from '../../../turns/deadline.ts';
import { createMemory } from '../../looks/memory.ts';
import type { NamedPolicy } from '../identity/own-policies.ts';
import type { ControlKind, Controls, Level, OrganizationLooks } from './controls.ts';

/** Which control policies bind an account. Never rejects for what AWS answers: what can't be seen is `unseen`, and says why. */
export type ControlsViewer = (account: string) => Promise<Controls>;

/** How long a view of an account is served: an organization changes seldom, and AWS answers few calls a second of it. */
const TTL_MS = 300_000;
/**
 * What failed is asked for anew so soon. Looks that come together share what their accounts have in common, and no others do: of answers
 * of different moments a view could be made that never was.
 */
const TTL_OF_PARTS_MS = 15_000;
/** Answers: of accounts, units and policies. */
const MOST = 5_000;
/** Root, five units in each other, account (Organizations User Guide, "Quotas"). */
const MOST_LEVELS = 7;

/** When something was asked for, and what was said. */
type Seen<T> = { at: Date; said: T };

/**
 * A view of an account is served whole, as of when its first part was asked for, or read anew.
 * @param patienceMs how long a look waits for it, in milliseconds: what comes later is there for the next
 */
export function createControlsViewer(looks: OrganizationLooks, clock: Clock, patienceMs: number): ControlsViewer {
  const parts = createMemory({ ttlMs: TTL_OF_PARTS_MS, max: MOST, clock });
  const views = createMemory({ ttlMs: TTL_MS, max: MOST, clock });
  const told = createMemory({ ttlMs: TTL_OF_PARTS_MS, max: MOST, clock });

  async function look(account: string): Promise<Controls> {
    let asOf = clock();
    const seen = async <T>(id: string, ask: () => Promise<T>): Promise<T> => {
      const { at, said } = await parts.once(id, async (): Promise<Seen<T>> => ({ at: clock(), said: await ask() }));
      if (at < asOf) asOf = at;
      return said;
    };
    const levelOf = async (target: string, kind: ControlKind): Promise<Level> => {
      const policies: NamedPolicy[] = [];
      for (const { id, name } of await seen(`${kind} ${target}`, () => looks.attached(target, kind))) {
        policies.push({ name, document: await seen(`document ${id}`, () => looks.document(id)) });
      }
      return { target, policies };
    };

    const { id, managementAccount } = await seen('organization', looks.describe);
    const path = [account];
    while (path[0]?.startsWith('r-') === false) {
      const [child = ''] = path;
      const parent = await seen(`parent ${child}`, () => looks.parentOf(child));
      if (parent === null) return { is: 'outside', organization: id, asOf };
      path.unshift(parent);
      if (path.length > MOST_LEVELS)
        throw new DomainError('aws-error', { why: `AWS names no root above account ${account}.` });
    }
    const unbound = account === managementAccount;
    const levels: Record<ControlKind, Level[]> = { serviceControl: [], resourceControl: [] };
    for (const target of unbound ? [] : path) {
      levels.serviceControl.push(await levelOf(target, 'serviceControl'));
      levels.resourceControl.push(await levelOf(target, 'resourceControl'));
    }
    const place = `${[id, ...path.slice(0, -1)].join('/')}/`;
    return { is: 'seen', organization: id, path: place, unbound, levels, asOf };
  }

  const lookOrSay = (account: string): Promise<Controls> =>
    views
      .once(account, () => look(account))
      .catch((error: unknown) => {
        if (error instanceof DomainError) return { is: 'unseen', why: error.message };
        throw error;
      });

  const late: Controls = { is: 'unseen', why: `AWS Organizations did not answer within ${patienceMs / 1_000} s.` };
  return (account) =>
    within(
      patienceMs,
      told.once(account, () => lookOrSay(account)),
      late,
    );
}
