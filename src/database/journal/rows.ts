import type { SealedEvent } from '../../audit/chain.ts';
import { columnsOf } from '../../audit/columns.ts';
import { DomainError } from '../../problems/problem.ts';
import type { AuditEventRow } from '../schema.ts';

/** @throws DomainError validation-failed for a NUL in a name, which PostgreSQL's text cannot hold (in the document it is escaped) */
export const rowOf = ({ event, document }: SealedEvent): AuditEventRow => {
  const row = { ...columnsOf(event), hash: event.hash, document };
  if (Object.values(row).some((value) => typeof value === 'string' && value.includes('\0'))) {
    throw new DomainError('validation-failed', { why: 'A name in the request holds a NUL character.' });
  }
  return row;
};
