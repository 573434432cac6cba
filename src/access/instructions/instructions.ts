import type { Leg } from '../judge/legs/leg.ts';
import type { Commands } from './commands.ts';

/** What a share takes on the reader's side, to hand to whoever looks after the reader's account. */
export type Instructions = {
  /** Whom the share is with, in words. */
  who: string;
  secret: { arn: string; name: string };
  /** The secret's own Region, then those of its replicas, with the ARN to use there. */
  regions: { region: string; arn: string }[];
  actions: string[];
  conditions: string[];
  expiresAt: string | null;
  /** The identity policy that the reader needs; null where it needs none, or a statement of this policy would not help. */
  identityPolicy: { Version: '2012-10-17'; Statement: NonNullable<Leg['statement']>[] } | null;
  /** With which pods of Amazon EKS read with the role that the share is with; null where it is with none. */
  serviceAccountAnnotation: string | null;
  /** What is not done, or not known to be, but for the identity policy above, in words: the owner's side, and what binds the reader. */
  open: string[];
  /** Null where the share does not let the value be read, or an AWS service reads it. */
  commands: Commands | null;
  /** All of it, for people. */
  markdown: string;
};
