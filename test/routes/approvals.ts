import type { Test } from 'tap';
import { buildWithCallers } from '../callers.ts';
import { type BuildOptions, MARY } from '../helper.ts';

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
export const start = (t: Test, { policy = SHARES_WAIT, ...options }: BuildOptions & { policy?: string } = {}) =>
  buildWithCallers(
    t,
    {
      mary: { groups: ['payments', 'security'] },
      sam: { groups: ['security'] },
      sue: { groups: ['security'] },
      lee: { groups: ['legal'] },
    },
    { ...options, policies: { 'write.cedar': policy } },
  );

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

export const ask = ({ as }: Service, body: object = { principal: MARY }) => as('mary').post(SHARES, body);
/** A look at a key may be some seconds old, or anew. */
export const timeless = <Pending extends { legs: object[] }>(pending: Pending) => ({
  ...pending,
  legs: pending.legs.map((leg) => ({ ...leg, asOf: undefined })),
});

type Looks<Name extends string> = { as(name: Name): Pick<ReturnType<Service['as']>, 'get' | 'post'> };

/** As somebody does who looks at it first: the yes is for the policy that was seen. */
export async function approve<Name extends string>(
  { as }: Looks<Name>,
  who: Name,
  approvalId: string,
  said: { reason?: string } = {},
) {
  const { json } = await as(who).get(`/v1/approvals/${approvalId}`);
  return as(who).post(`/v1/approvals/${approvalId}/approve`, { etag: json.etag ?? '"none"', ...said });
}

export const trail = async ({ as }: Service, changeId: string) =>
  (await as('sue').get(`/v1/audit-events?changeId=${changeId}`)).json.items
    .reverse()
    .map(({ action, phase, outcome, actor }: Record<string, unknown> & { actor: { subject: string } }) =>
      [actor.subject, action, phase === 'intent' ? phase : outcome].join(' '),
    );
export const arnOf = async ({ as }: Service): Promise<string> => (await as('mary').get(SECRET)).json.arn;
export const sharesOf = async ({ as }: Service) => (await as('mary').get(SHARES)).json.items;
