/** What a decision of the shipped guardrails costs: `node bench/authorization.ts`. */
import pino from 'pino';
import type { AuthorizationRequest } from '../src/access/guard/authorizer.ts';
import { createAuthorizer } from '../src/authorization/authorizer.ts';

const DECISIONS = 20_000;
/** Each of another principal: a decision that was taken is remembered. */
const requestOf = (number: number): AuthorizationRequest => ({
  identity: {
    subject: 'mary@example.com',
    issuer: 'https://issuer.example.com',
    method: 'jwt',
    groups: ['payments', 'developers'],
    scopes: ['policy:read', 'policy:write'],
  },
  action: 'share',
  secret: {
    arn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-a1b2c3',
    name: 'prod/db',
    account: '111111111111',
    region: 'us-east-1',
    tags: { team: 'payments', environment: 'production' },
  },
  context: {
    principal: `arn:aws:iam::222222222222:role/app-${number}`,
    principalAccount: '222222222222',
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    expiresAt: '2030-01-01T00:00:00Z',
    lifetimeSeconds: 86_400,
    hasReason: true,
    hasTicket: false,
    escalates: false,
    dryRun: false,
  },
});

const loading = performance.now();
const authorizer = createAuthorizer({ log: pino({ level: 'silent' }) });
const loaded = performance.now();
for (let i = 0; i < 1_000; i++) authorizer.decide(requestOf(-i));
const times = Array.from({ length: DECISIONS }, (_, index) => {
  const request = requestOf(index);
  const start = performance.now();
  if (!authorizer.decide(request).allowed) throw new Error('the benchmarked request must be allowed');
  return performance.now() - start;
}).sort((a, b) => a - b);
authorizer.close();

const microseconds = (share: number) => Math.round((times[Math.floor(DECISIONS * share)] ?? 0) * 1_000);
console.log(
  `load ${Math.round(loaded - loading)} ms; a decision p50 ${microseconds(0.5)} us, p99 ${microseconds(0.99)} us`,
);
