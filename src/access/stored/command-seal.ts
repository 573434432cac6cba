/** What is kept in the database and acted on later, by the kinds that a seal tells apart. */
export const sealedKinds = [
  'operation',
  'operationItem',
  'itemStatus',
  'approval',
  'decision',
  'idempotencyKey',
] as const;
export type SealedKind = (typeof sealedKinds)[number];

/**
 * Says of what was stored that this service stored it, and that nobody changed it since: the database holds the seals, and
 * not the keys that they are made with. A seal is of one kind, so that none passes for another’s.
 */
export interface CommandSeal {
  of(kind: SealedKind, stored: unknown): string;
  /** False also where there is no seal. */
  holds(kind: SealedKind, stored: unknown, seal: unknown): boolean;
}
