import type { Call } from '../../call.ts';
import type { GrantRecord, KeyRecord } from '../../records.ts';

const pathOf = (key: KeyRecord, grantId: string): string => `${key.id}/${grantId}`;

/** Those that are there. Whether they are seen by now is another matter. */
export const grantsOf = (call: Call, key: KeyRecord): GrantRecord[] =>
  call.store.list('grant', `${key.id}/`).filter(isThere);

export const allGrants = (call: Call): GrantRecord[] => call.store.list('grant', '').filter(isThere);

export function findGrant(call: Call, key: KeyRecord, id: string): GrantRecord | undefined {
  const grant = call.store.get('grant', pathOf(key, id));
  return grant !== undefined && isThere(grant) ? grant : undefined;
}

/** Those that allow by now. Source: KMS Developer Guide, "Grants in AWS KMS", "Eventual consistency". */
export const seenGrantsOf = (call: Call, key: KeyRecord): GrantRecord[] => {
  const now = call.now.getTime();
  return call.store
    .list('grant', `${key.id}/`)
    .filter(({ allowsFrom = now, allowsUntil = Infinity }) => allowsFrom <= now && now < allowsUntil);
};

export const addGrant = ({ store, now, lagMs }: Call, key: KeyRecord, grant: GrantRecord): void =>
  store.put('grant', pathOf(key, grant.id), lagMs === 0 ? grant : { ...grant, allowsFrom: now.getTime() + lagMs });

/** It is gone at once, and allows until that is seen. */
export function endGrant({ store, now, lagMs }: Call, key: KeyRecord, grant: GrantRecord): void {
  if (lagMs === 0) store.delete('grant', pathOf(key, grant.id));
  else store.put('grant', pathOf(key, grant.id), { ...grant, allowsUntil: now.getTime() + lagMs });
}

const isThere = ({ allowsUntil }: GrantRecord): boolean => allowsUntil === undefined;
