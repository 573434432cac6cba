import type { Statement } from '../../../policy/document.ts';
import type { KeyUse } from '../../../policy/key-use.ts';

/** One of the things that reading takes. */
export type Leg = {
  leg: 'secretPolicy' | 'keyPolicy' | 'identityPolicy';
  status: 'done' | 'missing' | 'unknown' | 'notNeeded';
  account: string;
  /** Of the key: a secret has one in each Region. */
  region?: string;
  /** In plain words: what it is, or what to do. */
  detail: string;
  /** RFC 3339: until then AWS may not know everywhere that it is done. */
  settlesAt?: string;
  /** Of the key, where it does not do for all: the KMS actions that it certainly lets the reader do, and those that it does not. */
  allows?: KeyUse[];
  refuses?: KeyUse[];
  statement?: Statement | Record<string, unknown>;
};
