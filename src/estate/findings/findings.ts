import type { Leg } from '../../access/judge/legs/leg.ts';
import { readerOf } from '../../access/judge/reader.ts';
import type { Survey } from '../../access/judge/survey.ts';
import type { Secret } from '../../access/secret.ts';
import { sha256 } from '../../hash.ts';
import { policyHash } from '../../policy/canonical.ts';
import { MAX_POLICY_CHARACTERS } from '../../policy/document.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { isExpired } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import type { NamedReader } from '../exposure.ts';
import type { Drifted } from './drifted.ts';
import type { Finding } from './finding.ts';
import type { RotationShutOut } from './rotation-shut-out.ts';

/** Legs are of those of other accounts, and of as many as are looked at. */
export type LeggedReader = NamedReader & { legs: Leg[] };

/** The share of the most that a policy may have, from which on it is full soon. */
const NEARLY = 0.9;

/** What was found besides the readers. */
type FoundBesides = {
  writers: readonly string[];
  drifted: Drifted | null;
  shutOut: RotationShutOut | null;
  /** What the policy denies this service itself. */
  denied: readonly string[];
};

/** What is wrong by what was seen: by the judge’s word, and only what is certain. */
export function findingsOf(
  { secret, policy, denied, allowed, now }: Survey,
  readers: readonly LeggedReader[],
  { writers, drifted, shutOut, denied: deniedToUs }: FoundBesides,
): Finding[] {
  const path = pathOf(secret);
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
    writers.length > 0 && {
      kind: 'outside-writer',
      names: writers,
      detail: `The policy lets change it who is of no account that is surveyed: ${some(writers)}.`,
      mend: look,
    },
    drifted !== null && {
      kind: 'drift',
      names: [policyHash(policy)],
      detail: `The policy is not as our last change left it${lacks(drifted)}.`,
      mend: drifted.missing > 0 ? { method: 'POST', path: `${path}/policy/restore-drift` } : look,
    },
    shutOut !== null && {
      kind: 'rotation-shut-out',
      names: [shutOut.functionArn, shutOut.statement],
      detail: `${shutOut.statement} denies by network, and spares no role of the account whose function rotates the secret: unless ${shutOut.functionArn} calls from inside, rotation fails.`,
      mend: look,
    },
  ];
  const locked = deniedToUs.length > 0 ? [lockedOut(secret, deniedToUs)] : [];
  return [...found.filter((finding) => finding !== false).map(withAbout), ...locked];
}

/** Whoever else may change the policy has to. */
export const lockedOut = (secret: Pick<Secret, 'arn'>, actions: readonly string[]): Finding =>
  withAbout({
    kind: 'locked-out',
    names: actions,
    detail: `The policy denies this service itself ${actions.join(', ')}: somebody of the secret’s account must take that out.`,
    mend: { method: 'GET', path: `${pathOf(secret)}/policy` },
  });

const pathOf = ({ arn }: Pick<Secret, 'arn'>): string => `/v1/secrets/${encodeURIComponent(arn)}`;

const lacks = ({ missing }: Drifted): string =>
  missing > 0 ? `: ${missing} of our entries ${missing === 1 ? 'is' : 'are'} missing` : '';

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
