import { DomainError } from '../../problems/problem.ts';

/** Where a page ended, in the order of a listing. */
export type Position = { time_ms: number; sequence: number };

/** Opaque to callers: base64url of the time and the sequence of the last event they got. */
export const toCursor = ({ time_ms, sequence }: Position): string =>
  Buffer.from(`${time_ms}.${sequence}`).toString('base64url');

/** @throws DomainError validation-failed for anything that `toCursor` did not make */
export const parseCursor = (cursor: string): Position => {
  const [, time, sequence] = /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || sequence === undefined) {
    throw new DomainError('validation-failed', 'The cursor is not one that this service gave.', {
      errors: [{ path: '/querystring/cursor', message: 'must be the nextCursor of an earlier page' }],
    });
  }
  return { time_ms: Number(time), sequence: Number(sequence) };
};
