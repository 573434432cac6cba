import type { EncryptedVersion } from '../access/judge/key/keys.ts';
import type { Secret } from '../access/secret.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { Edge } from './edges.ts';
import type { ExposedTo, Exposure } from './exposure.ts';
import type { Acknowledgement, Finding, FindingKind, Severity } from './findings/finding.ts';
import type { LookProblem, Place } from './place.ts';
import type { KeyName } from './survey/seen-keys.ts';

/** A secret as it was last seen. */
export type IndexedSecret = Omit<ExposedTo, 'exposure'> & {
  secret: Secret;
  /** Null where its policy was never seen. */
  exposure: Exposure | null;
  policy: PolicyDocument | null;
  /** The keys that its versions are under: none where nothing hangs on that, null where it was not seen. */
  versions: EncryptedVersion[] | null;
  findings: FindingKind[];
  /** Why it could not be looked at since. */
  problem: LookProblem | null;
  /** Just before AWS was asked. */
  asOf: Date;
};

/**
 * What was last seen of all secrets: a cache that can be thrown away, and no source of truth for a change. Each method
 * @throws DomainError audit-unavailable.
 */
export interface EstateIndex {
  /** Unless what is there was seen later. */
  put(seen: IndexedSecret, edges: readonly Edge[], findings: readonly Finding[]): Promise<void>;
  /** It is there, and could not be looked at: what was seen of it before stays, and `found` comes to it. */
  fail(secret: Secret, problem: LookProblem, at: Date, found?: Finding): Promise<void>;
  forget(arn: string): Promise<void>;
  /** The secrets of a place that nobody has met since, each once `leaving` has taken note. @returns how many are left */
  forgetUnseen(
    place: Place,
    since: Date,
    leaving: (secrets: readonly IndexedSecret[]) => Promise<void>,
  ): Promise<number>;
}

/** One secret, as it was last seen. Each method @throws DomainError audit-unavailable. */
export interface SeenSecrets {
  find(arn: string): Promise<IndexedSecret | null>;
  /** Of that name in a place: perhaps several, where one was deleted and another made. */
  named(place: Place, name: string): Promise<IndexedSecret[]>;
}

/** What the index does not know. @throws DomainError audit-unavailable */
export interface EstateGaps {
  /** Secrets that could not be looked at, by ARN; and the oldest look of all. */
  gaps(limit: number): Promise<{ failed: IndexedSecret[]; oldestLookAt: Date | null }>;
}

export type FindingPlace = { arn: string; kind: string };

/** A finding, when it was first seen, and what was said of it as it is, whether or not that still holds. */
export type SeenFinding = Finding & {
  arn: string;
  severity: Severity;
  since: Date;
  acknowledgement: Acknowledgement | null;
  seen: IndexedSecret;
};

/** Where a list goes on: after this ARN, '' for its beginning. */
type From = { after: string; limit: number };

/** What people said of findings. Each method @throws DomainError audit-unavailable. */
export interface Acknowledgements {
  /** In the place of what was said before. */
  acknowledge(finding: Pick<SeenFinding, 'arn' | 'kind' | 'about'>, said: Acknowledgement): Promise<void>;
}

/** Secrets by ARN. Each method @throws DomainError audit-unavailable. */
export interface EstateSearch {
  /** One, or those of an account, or else of an exposure; or all. */
  list(
    query: From & { arn?: string | undefined; account?: string | undefined; exposure?: Exposure | undefined },
  ): Promise<IndexedSecret[]>;
  /** Those that name a key so, of them or of a replica. */
  underKey(query: From & { name: KeyName }): Promise<IndexedSecret[]>;
  findingOf(id: string): Promise<SeenFinding | null>;
  /** Findings by ARN and kind, after such a pair. */
  findings(query: {
    after: FindingPlace;
    limit: number;
    arn?: string | undefined;
    kind?: FindingKind | undefined;
  }): Promise<SeenFinding[]>;
  /** Those that an edge leads to, by its principal or by its account; and those that `owner` has. */
  speaking(query: From & { principals: string[]; accounts: string[]; owner?: string }): Promise<IndexedSecret[]>;
}
