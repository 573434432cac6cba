import Type from 'typebox';
import type { Call } from '../call.ts';
import { text } from '../protocol/input.ts';
import type { PrincipalRecord } from '../records.ts';
import { authorizedPrincipal, Name } from './named.ts';

/** As the names of IAM's operations and their members have it. */
export type Kind = 'Role' | 'User' | 'Group';

const TYPES = { Role: 'role', User: 'user', Group: 'group' } as const;

/** Who has the policies that an operation is about, which roles, users and groups have alike. */
export function bearerOf(kind: Kind) {
  const member = `${kind}Name` as const;
  const shape = { [member]: Name } as Record<`${Kind}Name`, typeof Name>;
  /** Once the caller may do this to it. @throws AwsError NoSuchEntity */
  const bearer = (call: Call, input: object): PrincipalRecord =>
    authorizedPrincipal(call, TYPES[kind], String((input as Record<string, unknown>)[member]));
  return { member, shape, bearer };
}

export const PolicyArn = text(20, 2_048, String.raw`^arn:[^:]+:iam::(aws|\d{12}):policy/[!-~]+$`);
export const PolicyDocument = text(1, 131_072);
export const PathOf = Type.Optional(text(1, 512, '^(/[!-~]+)*/$'));
