import { answeredByAws, problem, usually } from '../row.ts';

const put = { action: 'secretsmanager:PutResourcePolicy' };

/** What fails behind this service, or in it. */
/** What AWS says of a call that it denies, and what the attached policy, where it was read, tells of it. */
type Denial = {
  missing: string;
  resource: string;
  explicitly: boolean;
  /** Whose policy denies it, in AWS's words: `resource-based policy`, `service control policy`, … */
  denyIn?: string | undefined;
  /** The ARN of who was denied; never shown. */
  caller?: string | undefined;
  lockedOutBy?: { statements: readonly string[]; conditions: readonly string[]; left: readonly string[] };
};

function remedyFor({ missing, explicitly, denyIn, lockedOutBy }: Denial): string {
  if (lockedOutBy !== undefined) {
    const { statements, conditions, left } = lockedOutBy;
    const by = `An explicit deny in the secret’s own policy forbids it (${statements.join(', ')}): no IAM policy of the role helps.`;
    const who =
      left.length === 0
        ? 'It denies everybody of the secret’s account, the root user too: ask AWS Support.'
        : `As far as this policy goes, these can still edit it, with IAM policies that let them: ${left.join('; ')}.`;
    return [by, ...conditions, who].join(' ');
  }
  if (explicitly) {
    return denyIn === 'resource-based policy'
      ? 'An explicit deny in the policy of the resource itself forbids it: no IAM policy of the role helps. Whom it does not hit must lift it.'
      : `An explicit deny (in ${denyIn === undefined ? 'the policy of the resource, the role or the organization' : `the ${denyIn}`}) forbids it: no Allow helps, it must be lifted.`;
  }
  return missing === 'sts:AssumeRole'
    ? 'Check that this role exists, trusts the role of this service, and expects the external id that is configured.'
    : `Allow ${missing} in the IAM policy of the role of this service.`;
}

/** AWS gives every answer an id. */
const answeredInItsPlace = ({ action, inItsPlace }: { action: string; inItsPlace: number }): string =>
  `Something before AWS (a proxy, a gateway) answered ${action} in its place, with HTTP status ${inItsPlace}.`;

export const serviceProblems = {
  'internal-error': problem({
    status: 500,
    title: 'Something broke here',
    what: 'A defect of this service. Nothing in your request is known to be wrong.',
    todo: 'Give the requestId to whoever runs the service. Read the policy before you try again.',
    detail: usually('Something broke in this service. The log knows more under the requestId.'),
    example: {},
  }),
  'aws-access-denied': problem({
    status: 502,
    title: 'AWS refuses this service',
    what: 'The service’s own role lacks a permission, which `detail` names.',
    todo: 'Give it to the role (docs/iam-policy.json), or lift the deny that meets it.',
    detail: (facts: Denial | { credentials: 'refused' }) => {
      if ('credentials' in facts) {
        return 'AWS did not accept the credentials of this service: they are missing, wrong or expired, or the clock is off. Its operator must renew them.';
      }
      return `The role of this service may not ${facts.missing} on ${facts.resource}. ${remedyFor(facts)}`;
    },
    members: (facts) => ('lockedOutBy' in facts && facts.lockedOutBy ? { deniedBy: facts.lockedOutBy.statements } : {}),
    example: {
      missing: put.action,
      resource: 'demo/database',
      explicitly: false,
      ...answeredByAws('AccessDeniedException'),
    },
  }),
  'aws-error': problem({
    status: 502,
    title: 'AWS failed',
    what: 'AWS answered with an error of its own, or something before it (a proxy, a firewall) answered in its place.',
    todo: 'Try again; give awsRequestId to AWS support. Without one it was not AWS that answered: check the way there.',
    retry: 'perhaps',
    // A quota, a firewall, an answer that nobody knows: somebody must see to that.
    retryHelps: (facts) => 'failed' in facts && facts.failed,
    detail: (facts: { action: string; failed: boolean } | { action: string; inItsPlace: number } | { why: string }) => {
      if ('why' in facts) return facts.why;
      if ('inItsPlace' in facts)
        return `${answeredInItsPlace(facts)} Check the proxies and firewalls on the way to AWS.`;
      return facts.failed
        ? `AWS failed to carry out ${facts.action} because of an error of its own. Try again later.`
        : `AWS answered ${facts.action} with something that this service does not know. The log has the details.`;
    },
    example: { ...put, failed: true, ...answeredByAws('InternalServiceError') },
  }),
  'aws-throttled': problem({
    status: 503,
    title: 'AWS asks to slow down',
    what: 'Policy calls are limited to 50 a second for an account and Region.',
    todo: 'Wait as Retry-After says.',
    retry: 1,
    detail: (facts: { action: string } | { waiting: 'read' | 'write' }) =>
      'action' in facts
        ? `AWS allows no more ${facts.action} calls just now. Try again shortly.`
        : `Too many policy ${facts.waiting}s at once: AWS allows 50 policy calls a second per account and Region. Try again shortly.`,
    example: { ...put, ...answeredByAws('ThrottlingException') },
  }),
  'aws-unreachable': problem({
    status: 503,
    title: 'AWS can’t be reached',
    what: 'No answer came in time, or something before AWS (a gateway, a proxy) says that it can’t get there.',
    todo: 'Wait as Retry-After says.',
    retry: 5,
    detail: (facts: { action: string } | { action: string; inItsPlace: number }) =>
      'inItsPlace' in facts
        ? `${answeredInItsPlace(facts)} Try again shortly.`
        : `AWS gave no answer to ${facts.action} within the time limit. Try again shortly.`,
    example: put,
  }),
  'audit-unavailable': problem({
    status: 503,
    title: 'The audit log can’t be written',
    what: 'No change is made that can’t be recorded first.',
    todo: 'Wait as Retry-After says; tell whoever runs the service.',
    retry: 5,
    detail: usually('The audit database failed or did not answer in time.'),
    example: {},
  }),
};
