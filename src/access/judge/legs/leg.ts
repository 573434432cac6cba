import type { Statement } from '../../../policy/document.ts';
import type { KeyUse } from '../../../policy/key-use.ts';

/** What can take away from one user or role, or from one session, and gives nothing. */
export type Limit = 'permissionsBoundary' | 'sessionPolicy';

/** One of the things that reading takes. */
export type Leg = {
  leg: 'secretPolicy' | 'keyPolicy' | 'identityPolicy' | 'organization';
  status: 'done' | 'missing' | 'unknown' | 'notNeeded';
  account: string;
  /** Of the key: a secret has one in each Region. */
  region?: string;
  /** In plain words: what it is, or what to do. */
  detail: string;
  /** Of the key, of the reader's own and of control policies where they are seen, RFC 3339: what somebody else has changed since is not known. */
  asOf?: string;
  /** RFC 3339: until then AWS may not know everywhere that it is done. */
  settlesAt?: string;
  /** Kinds of policies of the reader that are not seen, only take away, and must allow it too where it has one. */
  unlessLimitedBy?: Limit[];
  /** Of the key, where it does not do for all: the KMS actions that it certainly lets the reader do, and those that it does not. */
  allows?: KeyUse[];
  refuses?: KeyUse[];
  statement?: Statement | Record<string, unknown>;
};
