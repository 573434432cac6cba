import pino from 'pino';
import t from 'tap';
import { type AuthorizationRequest, type GuardedAction, guardedActions } from '../../src/access/guard/authorizer.ts';
import { createAuthorizer } from '../../src/authorization/authorizer.ts';
import { request } from './request.ts';

const authorizer = createAuthorizer({ log: pino({ level: 'silent' }) });
t.teardown(() => authorizer.close());

const ofService: readonly GuardedAction[] = [
  'listSecrets',
  'readTemplates',
  'readAudit',
  'startOperation',
  'cancelOperation',
  'useAccount',
  'readIdentity',
  'readEstate',
  'survey',
];
const ofAccount: readonly GuardedAction[] = ['useAccount', 'readIdentity'];
const allowedTo = (identity: Partial<AuthorizationRequest['identity']>) =>
  guardedActions.filter(
    (action) =>
      authorizer.decide({
        ...request({ identity, action, ...(ofService.includes(action) && { secret: null }) }),
        ...(ofAccount.includes(action) && { ofAccount: { account: '111111111111' } }),
      }).allowed,
  );

t.test('each scope opens its actions, and nothing else does', async (t) => {
  t.strictSame(allowedTo({ scopes: ['policy:read'] }), [
    'listSecrets',
    'readSecret',
    'readPolicy',
    'checkAccess',
    'readTemplates',
    'useAccount',
    'readIdentity',
  ]);
  t.strictSame(allowedTo({ scopes: ['audit:read'] }), ['readAudit']);
  t.strictSame(allowedTo({ scopes: ['estate:read'] }), ['readEstate', 'survey']);
  t.strictSame(allowedTo({ scopes: ['access:request'] }), ['requestAccess', 'useAccount']);
  t.strictSame(allowedTo({ scopes: ['incident:write'] }), ['useAccount', 'freeze', 'evict', 'lift']);
  t.strictSame(allowedTo({ scopes: ['policy:write'] }), [
    'share',
    'deny',
    'restrict',
    'revokeShare',
    'revokeDenial',
    'revokeRestriction',
    'replacePolicy',
    'deletePolicy',
    'rollback',
    'restoreDrift',
    'prune',
    'removeStatement',
    'adopt',
    'applyManifest',
    'approve',
    'useAccount',
    'readIdentity',
    'startOperation',
    'cancelOperation',
    'acknowledgeFinding',
  ]);
  const all = ['policy:read', 'policy:write', 'audit:read', 'estate:read', 'access:request', 'incident:write'];
  t.strictSame(allowedTo({ scopes: all }), [...guardedActions]);
});

t.test('whoever has no scope may do nothing, whatever groups it is in', async (t) => {
  t.strictSame(allowedTo({ scopes: [], groups: ['secret-admins', 'policy:write'] }), []);
  t.strictSame(allowedTo({ scopes: ['POLICY:WRITE', 'policy:write ', 'policy'] }), []);
  t.strictSame(authorizer.decide(request({ identity: { scopes: [] } })), { allowed: false, policies: [] });
});

t.test('the audit log of one secret needs audit:read as well', async (t) => {
  t.equal(authorizer.decide(request({ action: 'readAudit', identity: { scopes: ['policy:read'] } })).allowed, false);
  t.equal(authorizer.decide(request({ action: 'readAudit', identity: { scopes: ['audit:read'] } })).allowed, true);
});

type Row = [rule: string, asked: Parameters<typeof request>[0], forbiddenBy: string | null];
const rows: Row[] = [
  ['an ordinary caller does not grant escalation', { context: { escalates: true } }, 'no-escalation'],
  [
    'nor by a whole document',
    { action: 'replacePolicy', context: { escalates: true }, identity: { method: 'apiKey' } },
    'no-escalation',
  ],
  ['not even on a dry run', { context: { escalates: true, dryRun: true } }, 'no-escalation'],
  ['administrators do', { identity: { groups: ['secret-admins'] }, context: { escalates: true } }, null],
  ['local mode does', { identity: { method: 'none' }, context: { escalates: true } }, null],
  ['a team secret is closed to others', { secret: { tags: { team: 'payments' } } }, 'teams-own-their-secrets'],
  [
    'another team is others',
    { identity: { groups: ['search', 'Payments'] }, secret: { tags: { team: 'payments' } } },
    'teams-own-their-secrets',
  ],
  [
    'its team changes it',
    { identity: { groups: ['search', 'payments'] }, secret: { tags: { team: 'payments' } } },
    null,
  ],
  [
    'administrators change it',
    { identity: { groups: ['secret-admins'] }, secret: { tags: { team: 'payments' } } },
    null,
  ],
  ['local mode changes it', { identity: { method: 'none' }, secret: { tags: { team: 'payments' } } }, null],
  ['others read its policy', { action: 'readPolicy', secret: { tags: { team: 'payments' } } }, null],
  ['others may approve a change of it', { action: 'approve', secret: { tags: { team: 'payments' } } }, null],
  ['other tags do not matter', { secret: { tags: { Team: 'payments', environment: 'production' } } }, null],
  [
    'denials, revocations and rollbacks are changes too',
    { action: 'rollback', secret: { tags: { team: 'payments' } } },
    'teams-own-their-secrets',
  ],
  [
    'a subject that looks like the group is not in it',
    { identity: { subject: 'secret-admins' }, context: { escalates: true } },
    'no-escalation',
  ],
];
for (const [rule, asked, forbiddenBy] of rows) {
  t.test(rule, async (t) => {
    const decision = authorizer.decide(request(asked));
    t.equal(decision.allowed, forbiddenBy === null);
    if (!decision.allowed) t.strictSame(decision.policies, [forbiddenBy]);
  });
}

t.test('every guardrail that forbids is named', async (t) => {
  t.strictSame(
    authorizer.decide(request({ secret: { tags: { team: 'payments' } }, context: { escalates: true } })).policies,
    ['no-escalation', 'teams-own-their-secrets'],
  );
});

t.test('names and tags that look like Cedar or like a prototype are only text', async (t) => {
  const odd = ['"; permit(principal, action, resource);//', '__proto__', '__entity', 'ключ', '\u0000', ''];
  for (const text of odd) {
    const decision = authorizer.decide(
      request({
        identity: { subject: text, issuer: text, groups: [text], scopes: [text] },
        secret: { tags: Object.fromEntries([[text, text]]) },
        context: { principal: text, organization: text, actions: [text] },
      }),
    );
    t.equal(decision.allowed, false, JSON.stringify(text));
  }
});

t.test('an action that needs a secret is not judged without one', async (t) => {
  t.throws(() => authorizer.decide(request({ secret: null })), { code: 'internal-error' });
});
