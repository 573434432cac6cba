import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { callers } from '../callers.ts';
import { type BuildOptions, build, MARY } from '../helper.ts';

export const SECRET = '/v1/secrets/demo%2Fdatabase';
export const SHARES = `${SECRET}/shares`;

/** Sharing waits for the group security; everything else goes ahead. */
export const SHARES_WAIT = `
@id("write-by-scope")
permit (principal, action in [Action::"write", Action::"approve"], resource)
when { principal.scopes.contains("policy:write") }
unless { action in [Action::"share", Action::"replacePolicy"] };

@id("shares-with-approval")
@approval("security")
permit (principal, action in [Action::"share", Action::"replacePolicy"], resource)
when { principal.scopes.contains("policy:write") };
`;

/** mary, whose team owns the secret, asks; sam and sue of security, and lee of legal, may be asked. */
export async function start(t: Test, { policy = SHARES_WAIT, ...options }: BuildOptions & { policy?: string } = {}) {
  const guarded = await callers(
    t,
    {
      mary: { groups: ['payments', 'security'] },
      sam: { groups: ['security'] },
      sue: { groups: ['security'] },
      lee: { groups: ['legal'] },
    },
    { 'write.cedar': policy },
  );
  return { ...guarded, ...(await build(t, { ...options, env: guarded.env })) };
}

/** Everything waits. */
export const ALL_WAIT = `
@id("approvers")
permit (principal, action == Action::"approve", resource)
when { principal.scopes.contains("policy:write") };

@id("all-with-approval")
@approval("security")
permit (principal, action in Action::"write", resource)
when { principal.scopes.contains("policy:write") };
`;

export type Service = Awaited<ReturnType<typeof start>>;

/** The next process on the same database, against the same AWS. */
export const restart = async (t: Test, service: Service): Promise<Service> => ({
  ...service,
  ...(await build(t, { env: service.env, endpoint: () => service.aws.url })),
});

export const ask = ({ call, as }: Service, body: object = { principal: MARY }) => call('POST', SHARES, body, as.mary);
export const trail = async ({ call, as }: Service, changeId: string) =>
  (await call('GET', `/v1/audit-events?changeId=${changeId}`, undefined, as.sue)).json.items
    .reverse()
    .map(({ action, phase, outcome, actor }: Record<string, unknown> & { actor: { subject: string } }) =>
      [actor.subject, action, phase === 'intent' ? phase : outcome].join(' '),
    );
export const arnOf = async ({ call, as }: Service): Promise<string> =>
  (await call('GET', SECRET, undefined, as.mary)).json.arn;
export const sharesOf = async ({ call, as }: Service) => (await call('GET', SHARES, undefined, as.mary)).json.items;

/** Reloads are seen within a second or two. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await done()) return;
    await sleep(100);
  }
  throw new Error('It did not come to pass within 10 s.');
}
