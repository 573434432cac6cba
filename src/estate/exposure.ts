import { judgeNamed, type NamedVerdict } from '../access/judge/judge-named.ts';
import type { Reader, ReaderKind } from '../access/judge/reader.ts';
import type { Survey } from '../access/judge/survey.ts';
import type { Secret } from '../access/secret.ts';
import type { InTurns } from '../policy/evaluate/budget.ts';
import { publicStatements } from '../policy/public-access.ts';

/** The widest first. */
export const exposures = ['public', 'outside', 'inside', 'none'] as const;
export type Exposure = (typeof exposures)[number];

/** Whom a policy lets read the value, or may let: what is `unknown` counts. */
export type ExposedTo = { exposure: Exposure; readers: number; denials: number };

/** Somebody whom a policy lets read, or may let, and how far that opens the secret. */
export type NamedReader = { named: NamedVerdict; opensTo: Exposure };

/**
 * Whom a policy names and lets read, or may let, by the judge’s word. `outside`: of accounts or organizations that are none of
 * `ours`, perhaps under conditions. AWS services count as inside.
 */
export function* readersOf(survey: Survey, ours: ReadonlySet<string>): InTurns<NamedReader[]> {
  const readers: NamedReader[] = [];
  for (const name of survey.allowed.keys()) {
    const named = yield* judgeNamed(survey, name);
    if (!named.isGone && mayRead(named)) readers.push({ named, opensTo: opensTo(survey, named, ours) });
  }
  return readers;
}

export function exposureOf({ denied }: Survey, readers: readonly NamedReader[]): ExposedTo {
  const found = new Set(readers.map(({ opensTo: exposure }) => exposure));
  const exposure = exposures.find((each) => found.has(each)) ?? 'none';
  return { exposure, readers: readers.length, denials: denied.size };
}

const mayRead = ({ decision }: NamedVerdict): boolean => decision === 'allowed' || decision === 'unknown';

const OUTSIDE: readonly ReaderKind[] = ['everyone', 'canonicalUser'];

function opensTo(survey: Survey, { reader, judged }: NamedVerdict, ours: ReadonlySet<string>): Exposure {
  if (reader.kind === 'everyone' && isPublic(survey, judged)) return 'public';
  return isOutside(reader, survey.secret, ours) ? 'outside' : 'inside';
}

/** Whether somebody is, or may be, of an account or organization that is none of `ours`. */
export function isOutside({ kind, name, caller }: Reader, { account }: Secret, ours: ReadonlySet<string>): boolean {
  if (kind === 'service') return false;
  // The path of a unit begins with its organization.
  if (kind === 'organization' || kind === 'organizationalUnit') return !ours.has(name.split('/')[0] ?? '');
  return OUTSIDE.includes(kind) || (caller.account !== account && !ours.has(caller.account));
}

/** Under no condition, or under one that AWS’s own check does not take for a tie either, and with no Deny in the way. */
const isPublic = ({ policy }: Survey, { decision, because }: NamedVerdict['judged']): boolean =>
  decision === 'allowed' || (publicStatements(policy).length > 0 && because.every(({ effect }) => effect === 'Allow'));
