import type { Leg } from '../access/judge/legs/leg.ts';
import { readerOf } from '../access/judge/reader.ts';
import type { Survey } from '../access/judge/survey.ts';
import { sha256 } from '../hash.ts';
import { MAX_POLICY_CHARACTERS } from '../policy/document.ts';
import { entriesOf } from '../policy/entries/edit.ts';
import { isExpired } from '../policy/entries/entry.ts';
import { parse } from '../policy/entries/parse.ts';
import type { NamedReader } from './exposure.ts';

/** The worst first. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

export const severityOf = {
  public: 'critical',
  'outside-reader': 'medium',
  'unusable-share': 'medium',
  'lapsed-denial': 'high',
  orphan: 'low',
  'expired-entry': 'low',
  'near-size-limit': 'medium',
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

/** Legs are of those of other accounts, and of as many as are looked at. */
export type LeggedReader = NamedReader & { legs: Leg[] };

/** The share of the most that a policy may have, from which on it is full soon. */
const NEARLY = 0.9;

/** What is wrong by what was seen: by the judge’s word, and only what is certain. */
export function findingsOf(
  { secret, policy, denied, allowed, now }: Survey,
  readers: readonly LeggedReader[],
): Finding[] {
  const path = `/v1/secrets/${encodeURIComponent(secret.arn)}`;
  const look = { method: 'GET', path: `${path}/policy` } as const;
  const prune = { method: 'POST', path: `${path}/policy/prune` } as const;
  const isGone = (name: string) => readerOf(name, secret.partition).kind === 'deleted';
  const namesOf = (some: readonly LeggedReader[]) => some.map(({ named }) => named.reader.name);

  const opened = readers.filter(({ opensTo }) => opensTo === 'public');
  const outside = readers.filter(({ opensTo, named }) => opensTo === 'outside' && named.decision === 'allowed');
  const keyless = readers.filter(
    ({ legs, named }) =>
      named.decision === 'allowed' && legs.some(({ leg, status }) => leg === 'keyPolicy' && status === 'missing'),
  );
  const gone = [...allowed.keys()].filter(isGone);
  const lapsed = [...denied.keys()].filter(isGone);
  const expired = entriesOf(parse(policy, secret.partition)).filter((entry) => isExpired(entry, now));
  const size = policy === null ? 0 : JSON.stringify(policy).length;

  const found: (Found | false)[] = [
    opened.length > 0 && { kind: 'public', detail: 'The policy lets everybody read.', mend: look },
    outside.length > 0 && {
      kind: 'outside-reader',
      names: namesOf(outside),
      detail: `The policy lets read who is of no account that is surveyed: ${some(namesOf(outside))}.`,
      mend: { method: 'GET', path: `${path}/readers` },
    },
    keyless.length > 0 && {
      kind: 'unusable-share',
      names: namesOf(keyless),
      detail: `The policy lets read, and a key does not: ${some(namesOf(keyless))}. ${keyDetail(keyless)}`,
      mend: { method: 'GET', path: `${path}/readers` },
    },
    lapsed.length > 0 && {
      kind: 'lapsed-denial',
      names: lapsed,
      detail: `A Deny names who was deleted, and a new one of the same name is not denied: ${some(lapsed)}.`,
      mend: look,
    },
    gone.length > 0 && {
      kind: 'orphan',
      names: gone,
      detail: `An Allow names who was deleted: ${some(gone)}. AWS takes no change that keeps it.`,
      mend: prune,
    },
    expired.length > 0 && {
      kind: 'expired-entry',
      detail: `${expired.length} of our entries expired and are still there: the service takes them out by itself.`,
      mend: look,
    },
    size > NEARLY * MAX_POLICY_CHARACTERS && {
      kind: 'near-size-limit',
      detail: `The policy has ${size} of at most ${MAX_POLICY_CHARACTERS} characters.`,
      mend: look,
    },
  ];
  return found.filter((finding) => finding !== false).map(withAbout);
}

/** `names`: whom it is about, where it is not about everybody or the whole policy. */
type Found = Omit<Finding, 'about'> & { names?: readonly string[] };
const withAbout = ({ names = [], ...finding }: Found): Finding => ({
  ...finding,
  about: sha256(names.toSorted().join(' ')),
});

const SHOWN = 5;
const some = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;

const keyDetail = ([first]: readonly LeggedReader[]): string =>
  first?.legs.find(({ leg, status }) => leg === 'keyPolicy' && status === 'missing')?.detail ?? '';
