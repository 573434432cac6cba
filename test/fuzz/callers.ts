import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { buildWithKeys, type Owner } from '../hardening/keys.ts';
import type { Credentials } from './world.ts';

const EVERYTHING = ['policy:read', 'policy:write', 'audit:read'];
const owners = {
  admin: { subject: 'admin', scopes: EVERYTHING, groups: ['secret-admins', 'payments', 'platform'] },
  approver: { subject: 'approver', scopes: EVERYTHING, groups: ['approvers', 'payments', 'platform'] },
  reader: {
    subject: 'reader',
    scopes: ['policy:read', 'audit:read'],
    groups: ['secret-admins', 'approvers', 'payments'],
  },
};

/** In the place of write.cedar: restrictions without a ticket wait for a second person. */
const WRITE = `
@id("write-by-scope")
permit (principal, action in [Action::"write", Action::"approve"], resource)
when { principal.scopes.contains("policy:write") }
unless { action == Action::"restrict" && !context.hasTicket };

@id("restrict-with-approval")
@approval("approvers")
permit (principal, action == Action::"restrict", resource)
when { principal.scopes.contains("policy:write") };
`;

/** The shipped guardrails, but some restrictions need an approval; and callers of every kind, `guests` besides. */
export async function buildWithCallers(t: Test, guests: Record<string, Owner> = {}) {
  const policies = mkdtempSync(join(tmpdir(), 'policies-'));
  t.teardown(() => rmSync(policies, { recursive: true }));
  cpSync(new URL('../../src/authorization/policies', import.meta.url), policies, { recursive: true });
  writeFileSync(join(policies, 'write.cedar'), WRITE);
  const { keys, ...built } = await buildWithKeys(t, { ...owners, ...guests }, { env: { POLICIES_DIR: policies } });
  const credentials: Credentials = {
    ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, { authorization: `Bearer ${key}` }])),
    admin: { 'x-api-key': keys.admin },
    stranger: { 'x-api-key': 'sas_nobody' },
  };
  return { ...built, credentials };
}
