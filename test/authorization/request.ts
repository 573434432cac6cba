import type { AuthorizationRequest } from '../../src/access/guard/authorizer.ts';

/** A share of an untagged secret by somebody with every scope; tests say what is different. */
export function request({
  identity,
  secret,
  context,
  action = 'share',
}: {
  identity?: Partial<AuthorizationRequest['identity']>;
  action?: AuthorizationRequest['action'];
  secret?: Partial<NonNullable<AuthorizationRequest['secret']>> | null;
  context?: Partial<AuthorizationRequest['context']>;
} = {}): AuthorizationRequest {
  const name = secret?.name ?? 'prod/db';
  return {
    identity: {
      subject: 'mary',
      issuer: null,
      method: 'jwt',
      groups: [],
      scopes: ['policy:read', 'policy:write', 'audit:read'],
      ...identity,
    },
    action,
    secret:
      secret === null
        ? null
        : {
            arn: `arn:aws:secretsmanager:us-east-1:111111111111:secret:${name}-a1b2c3`,
            name,
            account: '111111111111',
            region: 'us-east-1',
            tags: {},
            ...secret,
          },
    context: { hasReason: false, hasTicket: false, escalates: false, dryRun: false, ...context },
  };
}
