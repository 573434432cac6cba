import type { EventDraft } from '../../src/audit/event.ts';

/** A draft of a share's intent; tests say what matters to them. */
export const draft = (changes: Partial<EventDraft> = {}): EventDraft => ({
  phase: 'intent',
  changeId: 'change-1',
  actor: { subject: 'alice', issuer: 'https://issuer.example', method: 'jwt' },
  source: { ip: '192.0.2.1', userAgent: 'curl/8' },
  requestId: 'request-1',
  traceId: null,
  action: 'share',
  secret: secretNamed('prod/db'),
  request: { principal: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
  reason: 'a test',
  ticket: null,
  policy: null,
  outcome: null,
  error: null,
  awsRequestId: null,
  ...changes,
});

/** The outcome that belongs to `draft(changes)`. */
export const outcome = (changes: Partial<EventDraft> = {}): EventDraft =>
  draft({ phase: 'outcome', outcome: 'applied', awsRequestId: 'aws-1', ...changes });

export const secretNamed = (name: string): EventDraft['secret'] => ({
  arn: `arn:aws:secretsmanager:us-east-1:111111111111:secret:${name}-AbCdEf`,
  name,
  account: '111111111111',
  region: 'us-east-1',
});
