import { createHash } from 'node:crypto';
import type { AuditEvent } from '../../src/audit/event.ts';

/**
 * The hash of an event as somebody else would compute it from RFC 8785 alone: keys sorted, no white space. (JSON.stringify
 * writes strings and numbers as RFC 8785 wants them.)
 */
export const canonicalJsonHash = ({ hash: _, ...event }: AuditEvent): string =>
  createHash('sha256')
    .update(
      JSON.stringify(event, (_key, value) =>
        value !== null && typeof value === 'object' && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
          : value,
      ),
    )
    .digest('hex');
