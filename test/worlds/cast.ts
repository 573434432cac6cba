/** Who lives in every world: few enough to meet in one policy, and one of each kind that policies tell apart. */

export const OWNER = '111111111111';
/** Has a key that secrets of the owner lie under, and nobody else. */
export const KEEPER = '555555555555';
/** Of the secret of each world. */
export const SECRET_TAGS: Readonly<Record<string, string>> = { team: 'payments' };
export const HOME = 'o-home000001';
export const ELSEWHERE = 'o-other00001';
export const ADMIN_KEY = 'ADMIN';
export const KEEPER_KEY = 'KEEPER';
export const SERVICE_ROLE = `arn:aws:iam::${OWNER}:role/secret-access-service`;

const NEAR = '222222222222';
const FAR = '333333333333';
const STRANGER = '444444444444';
export const ACCOUNTS = [OWNER, NEAR, FAR, STRANGER] as const;

export type Principal = { arn: string; account: string; tags: Record<string, string> };

const principal = (account: string, resource: string, tags: Record<string, string> = {}): Principal => ({
  arn: `arn:aws:iam::${account}:${resource}`,
  account,
  tags,
});

const SSO = 'role/aws-reserved/sso.amazonaws.com';

/** Nobody names the users `other`: they are the rest of their accounts. */
export const PRINCIPALS: readonly Principal[] = [
  principal(OWNER, 'user/olga', { team: 'payments' }),
  principal(OWNER, 'user/other'),
  principal(OWNER, 'role/reader'),
  principal(OWNER, 'role/service-role/rotator', { team: 'payments' }),
  principal(OWNER, `${SSO}/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef`),
  principal(NEAR, 'user/Mary', { team: 'payments' }),
  principal(NEAR, 'user/team/Zoe'),
  principal(NEAR, 'user/other', { team: 'ops' }),
  principal(NEAR, 'role/app', { team: 'ops' }),
  principal(NEAR, 'role/service-role/batch'),
  principal(NEAR, `${SSO}/AWSReservedSSO_Ops_fedcba9876543210`, { team: 'payments' }),
  principal(FAR, 'user/Mary'),
  principal(FAR, 'user/other'),
  principal(FAR, 'role/team/app', { team: 'payments' }),
  principal(STRANGER, 'user/other'),
];

/** One who calls: a user, or a session of a role. */
export type Caller = {
  /** As GetCallerIdentity shows it: the user's ARN or the session's. */
  arn: string;
  principal: Principal;
  accessKeyId: string;
  /** Of a role's session. */
  session?: string;
};

export const isRole = ({ arn }: Principal): boolean => arn.includes(':role/');
const nameOf = ({ arn }: Principal): string => arn.slice(arn.lastIndexOf('/') + 1);

export const SESSIONS = ['local', 's2'] as const;
export const sessionArn = (role: Principal, session: string): string =>
  `arn:aws:sts::${role.account}:assumed-role/${nameOf(role)}/${session}`;

export const CALLERS: readonly Caller[] = PRINCIPALS.flatMap((principal, index): Caller[] =>
  isRole(principal)
    ? SESSIONS.map((session) => ({
        arn: sessionArn(principal, session),
        principal,
        accessKeyId: `CAST-${index}-${session}`,
        session,
      }))
    : [{ arn: principal.arn, principal, accessKeyId: `CAST-${index}` }],
);
