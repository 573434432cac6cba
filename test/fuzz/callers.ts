import type { Test } from 'tap';
import { buildWithCallers, type People } from '../callers.ts';
import type { Credentials } from './world.ts';

const owners = {
  admin: {
    groups: ['secret-admins', 'payments', 'platform'],
    scopes: ['policy:read', 'policy:write', 'audit:read', 'estate:read', 'access:request', 'incident:write'],
  },
  asker: { scopes: ['access:request'] },
  approver: { groups: ['approvers', 'payments', 'platform'] },
  reader: { scopes: ['policy:read', 'audit:read'], groups: ['secret-admins', 'approvers', 'payments'] },
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
export async function buildWorldOf(t: Test, guests: People = {}) {
  const people = { ...guests, ...owners };
  const { keys, ...built } = await buildWithCallers(t, people, { policies: { 'write.cedar': WRITE } });
  const credentials: Credentials = {
    ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, { authorization: `Bearer ${key}` }])),
    admin: { 'x-api-key': keys.admin },
    stranger: { 'x-api-key': 'sas_nobody' },
  };
  return { ...built, credentials };
}
