import { counted, listed } from '../../english.ts';
import { answeredByAws, problem } from '../row.ts';

/** Policies that would not be taken, by this service or by AWS. */

/** What no policy can name, and what can be named in its place. */
const UNNAMEABLE = {
  group: ['an IAM group', 'Name its users, or their account and a tag that they carry (principalTags).'],
  instanceProfile: ['an instance profile', 'Name the role in it.'],
  sessions: [
    'a pattern of sessions',
    'Name their role (arn:aws:iam::ACCOUNT:role/NAME): that means all of its sessions.',
  ],
  wildcard: [
    'a pattern, and principals are compared to the letter',
    'Name each, or their account. Only a condition takes patterns: attach a whole document with Principal "*" and ArnLike aws:PrincipalArn.',
  ],
  identityProvider: ['an identity provider', 'Name the role that it lets people assume.'],
  uniqueId: ['the unique id of a user or role, which hides who it is', 'Name its ARN.'],
  canonicalUser: ['a canonical user id, which Amazon S3 alone knows', 'Name the account by its 12 digits.'],
} as const;

/** What AWS's own check, or ours beside it, says before a policy is attached. */
const findingsOf = (findings: string): string => `The check before attaching refuses the policy: ${findings}`;

/** `statements`: what AWS objects to, as far as the document shows. */
type PublicPolicy = { findings?: string; statements?: readonly string[]; roleMayNot?: true };

/** `used`: of the policy that is attached, where that was looked at. */
type PolicySizes = ({ limit: number; size: number; used?: number } | { limit: number }) & {
  takeOut?: readonly string[];
};

const roomLeft = (limit: number, used: number): number => Math.max(0, limit - used);

const sentence = (statements: readonly string[]): string => {
  const names = listed(statements);
  return `${names.charAt(0).toUpperCase()}${names.slice(1)} ${statements.length === 1 ? 'lets' : 'let'}`;
};

const ROLE_MAY_NOT =
  'The secret is public already, and this change only takes access away; but the role of this service may put no policy ' +
  'without BlockPublicPolicy.';

/** One of those who are new in a policy. */
function unknownOf(added: readonly string[]): string {
  const [only, ...others] = added;
  if (only === undefined) return 'a principal of this policy';
  if (others.length === 0) return only;
  const shown = added.slice(0, 5).join(', ');
  return `one of the principals that are new in this policy: ${shown}${added.length > 5 ? ` and ${added.length - 5} more` : ''}`;
}

export const policyProblems = {
  'statement-not-adoptable': problem({
    status: 422,
    title: 'No template says this statement',
    what: 'The statement says something that none of the templates of this service can say to the letter, or names a deleted principal.',
    todo: 'Share or deny what it means, and remove it then. `template` of `foreignStatements` in GET …/policy tells which can be adopted.',
    detail: ({ statement }: { statement: string }) =>
      `No template of this service says just what ${statement} says, of principals that there are.`,
    example: { statement: 'the statement AllowReporting' },
  }),
  'policy-malformed': problem({
    status: 422,
    title: 'AWS would not take this policy',
    what: 'The document is not a policy that Secrets Manager accepts.',
    todo: 'Look at `detail`, and at the IAM policy grammar.',
    refuses: 'document',
    detail: (facts: { by: 'grammar' | 'emptiness' } | { by: 'check' | 'aws'; message: string }) => {
      switch (facts.by) {
        case 'grammar':
          return 'This is not a policy document: it does not follow the IAM policy grammar.';
        case 'emptiness':
          return 'The document has no statement. To detach the policy, DELETE it.';
        case 'check':
          return findingsOf(facts.message);
        case 'aws':
          return `AWS refuses this policy as malformed: ${facts.message}`;
      }
    },
    example: { by: 'grammar', errors: [{ path: '/Statement/0/Effect', message: 'must be Allow, or must be Deny' }] },
  }),
  'principal-not-found': problem({
    status: 422,
    title: 'AWS does not know this principal',
    what: 'AWS refuses a policy that names a principal which does not exist. A typing error and one made seconds ago look the same.',
    todo: 'Check the ARN to the letter (user names are case-sensitive). If it was just made, try again in a minute.',
    retry: 'perhaps',
    // A deleted principal stays deleted.
    retryHelps: ({ orphans = [] }) => orphans.length === 0,
    refuses: 'document',
    detail: ({
      orphans = [],
      added = [],
    }: {
      orphans?: readonly { id: string; statement: string }[];
      added?: readonly string[];
    }) =>
      orphans.length === 0
        ? `AWS does not know ${unknownOf(added)}. A typing error and a principal that was created seconds ago look the same: check the ARN (names are case-sensitive), or try again in a minute.`
        : `AWS takes no policy that names a principal which was deleted: ${orphans.map(({ id, statement }) => `${id} in the statement ${statement}`).join(', ')}. POST …/policy/prune takes out those of this service, and with includeForeign: true those in statements of others.`,
    members: ({ orphans = [] }) => (orphans.length === 0 ? {} : { orphans }),
    example: {
      added: ['arn:aws:iam::123456789999:user/Nobody'],
      ...answeredByAws('MalformedPolicyDocumentException'),
    },
  }),
  'principal-not-nameable': problem({
    status: 422,
    title: 'No policy can name this',
    what: 'A policy names accounts, users, roles, their sessions and AWS services, each to the letter. Groups, identity providers, canonical users and patterns are none of these: AWS takes no policy that names one.',
    todo: 'Name what `detail` says in its place.',
    refuses: 'document',
    detail: ({ name, kind }: { name: string; kind: keyof typeof UNNAMEABLE }) => {
      const [what, instead] = UNNAMEABLE[kind];
      return `“${name}” is ${what}: it can’t be named here in the policy of a secret. ${instead}`;
    },
    example: {
      name: 'arn:aws:iam::123456789999:group/admins',
      kind: 'group',
      errors: [{ path: '/principal', message: 'can’t be named by a policy' }],
    },
  }),
  'policy-public': problem({
    status: 422,
    title: 'The policy would be public',
    what: 'Anybody with an AWS account could use the secret.',
    todo: 'Name accounts or principals, or an organization.',
    refuses: 'document',
    detail: ({ findings, statements = [], roleMayNot }: PublicPolicy) =>
      [
        findings === undefined ? 'AWS refuses a policy that opens the secret to the public.' : findingsOf(findings),
        statements.length === 0
          ? 'Name accounts, roles or users, or narrow it by a condition such as aws:PrincipalOrgID.'
          : `${sentence(statements)} everybody in. Narrow that first (PUT …/policy): name accounts or principals in its Principal, or tie it by a condition such as aws:PrincipalOrgID; or take it out.`,
        ...(roleMayNot ? [ROLE_MAY_NOT] : []),
      ].join(' '),
    members: ({ statements = [] }) => (statements.length === 0 ? {} : { publicStatements: statements }),
    example: { findings: 'The policy allows broad access to your secret.', statements: ['the statement Everybody'] },
  }),
  'policy-too-large': problem({
    status: 422,
    title: 'The policy would be too large',
    what: 'AWS takes 20,480 characters. `size`, `used` and `room` say how it stands.',
    todo: 'Share with an account or organization instead of many principals, give shares the same actions and expiry, or revoke some.',
    refuses: 'document',
    detail: ({ limit, takeOut = [], ...sizes }: PolicySizes) =>
      takeOut.length > 0
        ? `There is no room for the Deny: nothing is denied yet. Take out first, and begin again: ${takeOut.join('; ')}.`
        : 'size' in sizes
          ? `The policy would have ${sizes.size} characters; AWS takes ${limit}. ` +
            (sizes.used === undefined
              ? ''
              : `The attached one has ${sizes.used}, so there is room for ${roomLeft(limit, sizes.used)} more. `) +
            'Shares that differ in nothing but the ' +
            'principal are packed into one statement: give them the same actions and expiry, share with an account or an ' +
            'organization instead of many principals, or revoke shares that are no longer needed.'
          : `The policy is larger than the ${counted(limit)} characters that AWS allows.`,
    members: ({ limit, takeOut: _, ...sizes }) =>
      'size' in sizes
        ? {
            size: sizes.size,
            limit,
            ...(sizes.used !== undefined && { used: sizes.used, room: roomLeft(limit, sizes.used) }),
          }
        : {},
    example: { size: 20_612, limit: 20_480, used: 20_440 },
  }),
  'policy-locks-out-caller': problem({
    status: 422,
    title: 'The policy would lock this service out',
    what: 'After it nobody here could repair the policy, and AWS documents no way back.',
    todo: 'Deny reading (GetSecretValue) instead of policy actions, or except the service’s role.',
    refuses: 'document',
    detail: ({ findings }: { findings: string; caller?: string | undefined }) => findingsOf(findings),
    members: ({ caller }) => (caller === undefined ? {} : { caller }),
    example: {
      findings: 'The policy locks you out: you could not change it again.',
      caller: 'arn:aws:iam::111111111111:role/secret-access-service',
    },
  }),
  'escalation-not-acknowledged': problem({
    status: 422,
    title: 'This share lets the grantee change the policy',
    what: 'Whoever may put or delete the policy can give itself everything.',
    todo: 'Ask for fewer actions, or send acknowledgeEscalation: true if that is meant.',
    detail: ({ actions }: { actions: readonly string[] }) =>
      `Whoever may do ${actions.join(', ')} can change this policy and give itself everything. If that is meant, say so: acknowledgeEscalation: true.`,
    example: { actions: ['secretsmanager:*'] },
  }),
};
