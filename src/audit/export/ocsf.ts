import type { AuditEvent } from '../event.ts';
export const toOcsf = (event: AuditEvent): Record<string, unknown> => ({ ...event });
