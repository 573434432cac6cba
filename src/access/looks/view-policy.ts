import type { Clock } from '../../clock.ts';
import { type Page, type PageRequest, pageOf } from '../../page.ts';
import { etagOf } from '../../policy/canonical.ts';
import { MAX_POLICY_CHARACTERS, type PolicyDocument, type Statement } from '../../policy/document.ts';
import { policyText } from '../../policy/entries/compile.ts';
import { entriesOf, findEntry, foreignOf } from '../../policy/entries/edit.ts';
import { foreignStatements } from '../../policy/entries/foreign.ts';
import { parse } from '../../policy/entries/parse.ts';
import type { EntryKind } from '../../policy/entries/templates/kinds/template.ts';
import { type EntryInWords, entryInWords } from '../../policy/entries/words.ts';
import { orphanKey, orphansOf } from '../../policy/orphans.ts';
import { DomainError } from '../../problems/problem.ts';
import type { FollowUps } from '../commands/later/follow-ups.ts';
import { entryNotFound } from '../commands/revoke-access.ts';
import type { Authorizer, GuardedAction } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { AuditJournal } from '../write/record/audit-journal.ts';
import { missingFrom } from '../write/record/drift.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import type { EntryOfChange, EntryOrigins } from './entry-origins.ts';

/** The policy attached now, read into what we understand of it. */
type AttachedPolicy = {
  secret: Secret;
  policy: PolicyDocument | null;
  etag: string;
  shares: EntryInWords[];
  denials: EntryInWords[];
  restrictions: EntryInWords[];
  /** Statements that are not ours, to the letter. */
  foreign: Statement[];
  /** The same, in the same order: what names each, and the template that could say it. */
  foreignStatements: ReturnType<typeof foreignStatements>;
  size: { characters: number; limit: number; room: number };
};

type OfChanges = Record<`${EntryKind}s`, EntryOfChange[]>;

export type PolicyViewer = {
  /** @throws DomainError secret-not-found, forbidden, aws-… */
  view(identity: Identity, secretId: string, action?: GuardedAction): Promise<AttachedPolicy>;
  /**
   * The same, with the entries of ours that somebody else dropped: null when the audit log, which knows, does not answer.
   */
  viewWithMissing(
    identity: Identity,
    secretId: string,
  ): Promise<Omit<AttachedPolicy, keyof OfChanges> & OfChanges & { missing: EntryInWords[] | null }>;
  /** A page of the entries of a kind, in the order of their ids. */
  list(identity: Identity, secretId: string, kind: EntryKind, page: Partial<PageRequest>): Promise<Page<EntryOfChange>>;
  /** @throws DomainError share-not-found (denial-, restriction-) besides */
  entry(identity: Identity, secretId: string, kind: EntryKind, id: string): Promise<EntryOfChange>;
};

export function createPolicyViewer(deps: {
  policies: SecretPolicies;
  authorizer: Authorizer;
  journal: Pick<AuditJournal, 'lastPolicy'>;
  followUps: Pick<FollowUps, 'noteOrphans'>;
  origins: EntryOrigins;
  clock: Clock;
}): PolicyViewer {
  const { policies, authorizer, journal, followUps, origins } = deps;

  /** GetResourcePolicy takes a name too, so that one look costs one policy call. */
  async function view(identity: Identity, secretId: string, action: GuardedAction = 'readPolicy') {
    const [secret, policy] = await Promise.all([policies.describe(secretId), policies.get(secretId)]);
    guardLook(authorizer, identity, action, secret);
    return describePolicy(secret, policy);
  }

  async function withOrigins(
    identity: Identity,
    { secret, shares, denials, restrictions }: AttachedPolicy,
  ): Promise<OfChanges> {
    const told = await origins(identity, secret, [...shares, ...denials, ...restrictions]);
    return { shares: shares.map(told), denials: denials.map(told), restrictions: restrictions.map(told) };
  }

  return {
    view,
    async viewWithMissing(identity, secretId) {
      const attached = await view(identity, secretId);
      const { secret, policy } = attached;
      const ofChanges = await withOrigins(identity, attached);
      const orphans = orphanKeysOf(attached);
      try {
        const known = await journal.lastPolicy(secret.arn);
        await followUps.noteOrphans(secret.arn, orphans, deps.clock());
        return { ...attached, ...ofChanges, missing: missingFrom(known, secret, policy).map(entryInWords) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { ...attached, ...ofChanges, missing: null };
      }
    },
    async list(identity, secretId, kind, query) {
      const attached = await view(identity, secretId);
      const { items, nextCursor } = pageOf(attached[`${kind}s`], ({ id }) => id, query);
      return { items: items.map(await origins(identity, attached.secret, items)), nextCursor };
    },
    async entry(identity, secretId, kind, id) {
      const { secret, policy } = await view(identity, secretId);
      const entry = findEntry(parse(policy, secret.partition), id, kind);
      if (entry === undefined) throw entryNotFound(kind, id);
      const shown = entryInWords(entry);
      return (await origins(identity, secret, [shown]))(shown);
    },
  };
}

/** Under which it is remembered since when each deleted principal has been seen: entries of ours, and statements of others. */
export const orphanKeysOf = ({ shares, denials, foreign }: AttachedPolicy): string[] => [
  ...[...shares, ...denials].flatMap(({ id, orphaned }) => (orphaned ? [id] : [])),
  ...foreign.flatMap(orphansOf).map(orphanKey),
];

function describePolicy(secret: Secret, policy: PolicyDocument | null): AttachedPolicy {
  const view = parse(policy, secret.partition);
  const characters = policy === null ? 0 : policyText(policy).length;
  return {
    secret,
    policy,
    etag: etagOf(policy),
    shares: entriesOf(view, 'share').map(entryInWords),
    denials: entriesOf(view, 'denial').map(entryInWords),
    restrictions: entriesOf(view, 'restriction').map(entryInWords),
    foreign: foreignOf(view),
    foreignStatements: foreignStatements(view, secret.partition),
    size: { characters, limit: MAX_POLICY_CHARACTERS, room: MAX_POLICY_CHARACTERS - characters },
  };
}
