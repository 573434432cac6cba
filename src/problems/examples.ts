import { problemOf } from './document.ts';
import { DomainError, type ProblemCode, type ProblemFacts } from './problem.ts';

const requestId = '0199b2c4-6f0e-7cc1-9b0a-2f6f1d3c5a77';
const byAws: ProblemFacts = { awsRequestId: 'c5a7b5e4-8e1f-4f29-9b57-0b8c1f3a2d11' };

/** What the service answers in a typical case of each code that the document shows, in its own words. */
const cases = {
  'validation-failed': [
    'The request is not valid: `errors` says where.',
    { errors: [{ path: '/denny', message: 'is not known here' }] },
  ],
  unauthenticated: ['A bearer token is needed: Authorization: Bearer TOKEN.'],
  forbidden: [
    'You may not do this (share). It is forbidden by: teams-own-secrets.',
    { extensions: { policies: ['teams-own-secrets'] } },
  ],
  'secret-not-found': [
    'AWS knows no secret demo/databse. Check the name and the Region; a secret of another account or Region needs its full ARN.',
    byAws,
  ],
  'route-not-found': ['The service has nothing at this address. See /docs.'],
  'share-not-found': ['The attached policy has no share with this id.'],
  'denial-not-found': ['The attached policy has no denial with this id.'],
  'restriction-not-found': ['The attached policy has no restriction with this id.'],
  'template-not-found': ['There is no such template. There are: share-with-principal, deny-principal.'],
  'event-not-found': ['The audit log has no event with this id.'],
  'operation-not-found': ['There is no bulk operation with this id.'],
  'approval-not-found': ['There is no pending change with this id.'],
  'secret-pending-deletion': [
    'The secret is scheduled for deletion (since 2026-01-31T09:00:00Z). Restore it first: aws secretsmanager restore-secret.',
  ],
  'secret-managed-by-service': ['The AWS service rds manages this secret. Change who may read it in that service.'],
  'secret-is-replica': [
    'This is a replica. Its policy follows the primary secret in us-east-1: change that instead.',
    { extensions: { primary: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf' } },
  ],
  'idempotency-in-flight': ['The first request with this Idempotency-Key still runs.'],
  'approval-closed': ['It was decided already.'],
  'policy-changed': [
    'The policy is no longer the one that you saw. Read it again, and repeat the change with its ETag.',
    { extensions: { etag: '"9f2b6d0c5a1e4b7f"' } },
  ],
  'body-too-large': ['The body is over the limit of this service.'],
  'unsupported-media-type': ['Send JSON, with Content-Type: application/json.'],
  'principal-not-found': [
    'AWS does not know a principal of this policy. A typing error and a principal that was created seconds ago look the same: check the ARN (names are case-sensitive), or try again in a minute.',
    byAws,
  ],
  'policy-malformed': ['This is not a policy document: it does not follow the IAM policy grammar.'],
  'policy-public': [
    'AWS refuses this policy because it would open the secret to the public. Name accounts, roles or users, or narrow it by a condition such as aws:PrincipalOrgID.',
    byAws,
  ],
  'policy-too-large': [
    'The policy would have 20612 characters; AWS takes 20480. The attached one has 20440, so there is room for 40 more.',
    { extensions: { size: 20_612, limit: 20_480, used: 20_440, room: 40 } },
  ],
  'policy-locks-out-caller': ['AWS’s own check refuses the policy: it locks this service out.'],
  'kms-key-not-shareable': [
    'The secret is encrypted with the AWS managed key aws/secretsmanager, which never decrypts for another account: the share would be attached and nobody could read. Give the secret a customer managed key first, or send acknowledgeUnreadable: true.',
  ],
  'partition-mismatch': [
    'The principal is of the partition aws-cn, the secret of aws. AWS never lets one reach the other.',
  ],
  'escalation-not-acknowledged': [
    'Whoever may do secretsmanager:* can change this policy and give itself everything. If that is meant, say so: acknowledgeEscalation: true.',
  ],
  'idempotency-key-reused': ['This Idempotency-Key was used for another request.'],
  'precondition-required': ['Send If-Match with the ETag of the policy that you saw (GET …/policy answers with it).'],
  'rate-limited': ['You sent more than 600 requests within a minute.'],
  'internal-error': ['Something broke in this service. The log knows more under the requestId.'],
  'aws-access-denied': [
    'The role of this service may not secretsmanager:PutResourcePolicy on demo/database. Allow secretsmanager:PutResourcePolicy in the IAM policy of the role of this service.',
    byAws,
  ],
  'aws-throttled': ['AWS allows no more PutResourcePolicy calls just now. Try again shortly.', byAws],
} satisfies Partial<Record<ProblemCode, [detail: string, facts?: ProblemFacts]>>;

/** A code of which the document shows an example. */
export type ExampleCode = keyof typeof cases;

/** As OpenAPI's `components.examples`. */
export const problemExamples = Object.fromEntries(
  Object.entries(cases as Record<string, [string, ProblemFacts?]>).map(([code, [detail, facts]]) => {
    const value = problemOf(new DomainError(code as ProblemCode, detail, facts), { requestId });
    return [code, { summary: value.title, value }];
  }),
);
