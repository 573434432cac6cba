import { sha256 } from '../../hash.ts';

/** The worst first. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

export const severityOf = {
  public: 'critical',
  'outside-writer': 'high',
  'locked-out': 'high',
  'outside-reader': 'medium',
  'unusable-share': 'medium',
  'lapsed-denial': 'high',
  orphan: 'low',
  'expired-entry': 'low',
  'near-size-limit': 'medium',
  drift: 'medium',
  // Nobody reads more by it, and the value goes on; AWS itself reports a rotation that fails.
  'rotation-shut-out': 'medium',
} as const satisfies Record<string, Severity>;
export type FindingKind = keyof typeof severityOf;
export const findingKinds = Object.keys(severityOf) as FindingKind[];

/** What is wrong with a secret, and the call that mends it. */
export type Finding = {
  kind: FindingKind;
  detail: string;
  /** A hash of whom it is about: another where somebody came or went. */
  about: string;
  mend: { method: 'GET' | 'POST'; path: string };
};

/** Somebody knows of it, and says why it may stay as it is. */
export type Acknowledgement = { by: string; reason: string; at: Date; until: Date };

/** The same as long as it lasts, and when it comes again. */
export const findingId = (arn: string, kind: FindingKind): string => sha256(`${arn} ${kind}`).slice(0, 24);
