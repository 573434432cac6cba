import { DomainError } from '../../problems/problem.ts';
import { SYSTEM } from '../identity.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { draft } from '../write/record/change-recorder.ts';
import type { SealedKind } from './command-seal.ts';

/** Something stored that nobody of this service stored so. `secretId` is what it says it is about, if anything. */
type Unauthentic = { kind: SealedKind; id: string; secretId?: unknown };

/**
 * Puts on record that something stored was refused: as the service’s own doing, since whoever it names did nothing.
 * @throws DomainError audit-unavailable
 */
export type StoredRefuser = (found: Unauthentic) => Promise<void>;

export const unauthentic = () =>
  new DomainError('stored-command-refused', {
    why: 'What the database holds of it is not what was asked for: somebody else wrote it, or changed it.',
  });

export function createStoredRefuser(deps: {
  journal: Pick<AuditJournal, 'append'>;
  newChangeId(): string;
  onRefused(found: Unauthentic): void;
}): StoredRefuser {
  return async ({ kind, id, secretId = '' }) => {
    const said = { kind, id: shown(id) };
    deps.onRefused({ ...said, secretId: shown(secretId) });
    const { code, message } = unauthentic();
    const command = {
      ...({ changeId: deps.newChangeId(), requester: SYSTEM, action: 'refuseStored', request: said } as const),
      ...{ reason: null, ticket: null },
    };
    const secret = { arn: null, name: shown(secretId), account: null, region: null };
    await deps.journal.append([draft(secret, command, 'outcome', { outcome: 'refused', error: { code, message } })]);
  };
}

/** Whoever wrote it chose the text. */
const shown = (text: unknown): string => String(text).toWellFormed().slice(0, 512);
