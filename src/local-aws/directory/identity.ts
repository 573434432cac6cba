import { randomBytes } from 'node:crypto';
import { parseArn } from '../../policy/arn.ts';
import type { PrincipalRecord, PrincipalType } from '../records.ts';

/** By which a principal is kept: names are unique in an account, whatever the path. */
export type Identity = Pick<PrincipalRecord, 'partition' | 'account' | 'type' | 'name'>;

export const keyOf = ({ partition, account, type, name }: Identity): string =>
  `${partition}/${account}/${type}/${name}`;

/** Undefined for what is not the ARN of a user, role or group. */
export function identityOf(text: string): Identity | undefined {
  const arn = parseArn(text);
  const [, type, name] = /^(user|role|group)\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn?.resource ?? '') ?? [];
  if (arn === undefined || arn.service !== 'iam' || name === undefined) return undefined;
  return {
    partition: arn.partition,
    account: arn.account,
    type: type === 'user' || type === 'group' ? type : 'role',
    name,
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As IAM makes them: AIDA (user), AROA (role), AGPA (group), AKIA or ASIA (key, temporary key) and 17 characters. */
export const newIamId = (prefix: 'AIDA' | 'AROA' | 'AGPA' | 'ASIA' | 'AKIA'): string =>
  prefix + [...randomBytes(17)].map((byte) => LETTERS[byte % LETTERS.length]).join('');

const PREFIXES = { user: 'AIDA', role: 'AROA', group: 'AGPA' } as const;
export const newUniqueId = (type: PrincipalType): string => newIamId(PREFIXES[type]);
