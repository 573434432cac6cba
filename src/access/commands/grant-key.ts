import type { Clock } from '../../clock.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { allUses, needsKey } from '../../policy/key-use.ts';
import { DomainError } from '../../problems/problem.ts';
import { keyLeg } from '../judge/key/key-leg.ts';
import { GRANT_PROPAGATING, propagationWarnings } from '../judge/key/key-warnings.ts';
import type { GrantedOperation, Key, KeyGrant, KeyLooks, NewGrant } from '../judge/key/keys.ts';
import { type KeyView, viewKeys, withGrant } from '../judge/key/view-key.ts';
import type { Leg } from '../judge/legs/leg.ts';
import { readerOf } from '../judge/reader.ts';
import { placesOf, type Secret, type SecretPlace } from '../secret.ts';
import type { AuditJournal } from '../write/audit-journal.ts';
import type { Change, Warning } from '../write/change.ts';
import type { AwsReceipt, SecretPolicies } from '../write/secret-policies.ts';
import { notGrantable, notGranted, notKnown, notRenewed, notRevoked, planned } from './grant-warnings.ts';
import { createGrantRecorder, type GrantedFor, type GrantRecorder } from './record-grant.ts';

/**
 * The key legs, made by us: in each Region of the secret a KMS grant that does for the one principal of a share what the
 * share is for, with this one secret. The grant's name leads back to the share and the change, so that KMS itself is the
 * record of what is granted. It follows the share: a share that stands without its grant is answered, and audited, as
 * half done.
 */
export type KeyGranter = {
  /** After the share stands. Never rejects for what AWS answers: what went wrong is a warning of the change. */
  grant(command: GrantedFor, change: Change): Promise<Change>;
  /** The same for a share that came back. */
  again(command: GrantedFor, change: Change, entry: Entry): Promise<Change>;
  /** After the share took the place of others: what KMS grants for those it grants for this one too. The same. */
  renew(command: GrantedFor, change: Change, old: Ids): Promise<Change>;
  /** After the share is gone, with what was granted to its principal for shares that are gone. The same. */
  revoke(command: GrantedFor, change: Change, entry: Entry): Promise<Change>;
};

/** Grants on KMS keys. */
export interface KeyGrants {
  /** Whether KMS would make it (CreateGrant with DryRun). @throws DomainError why it would not */
  tryGrant(key: Key, grant: NewGrant): Promise<void>;
  createGrant(key: Key, grant: NewGrant): Promise<{ grantId: string } & AwsReceipt>;
  revokeGrant(key: Key, grantId: string): Promise<AwsReceipt>;
}

type Ids = readonly Pick<Entry, 'id'>[];

const nameOf = (entry: Pick<Entry, 'id'>, changeId: string): string => `secret-access:${entry.id}:${changeId}`;

/** Of the share that a grant was made for; undefined for one that is not ours, or of another secret under the same key. */
const idOf = ({ name, constraints }: KeyGrant, { arn }: SecretPlace): string | undefined =>
  constraints.subset?.['SecretARN'] === arn ? /^secret-access:([0-9a-f]+):/.exec(name ?? '')?.[1] : undefined;

export function createKeyGranter(deps: {
  keys: KeyLooks & KeyGrants;
  policies: Pick<SecretPolicies, 'describe'>;
  journal: AuditJournal;
  clock: Clock;
  /** Grants on the keys of a secret were made or revoked, or may have been. */
  noteGrants(secret: Secret): void;
}): KeyGranter {
  const { keys, policies, clock } = deps;
  const record = createGrantRecorder(deps.journal);
  const recorded: GrantRecorder = (command, secret, ...what) =>
    record(command, secret, ...what).finally(() => deps.noteGrants(secret));

  /** Undefined for a key that is AWS's own, or in a third account: no grant can be made on it from here. */
  async function keyAt({ kmsKeyId, region, account }: SecretPlace): Promise<Key | undefined> {
    if (kmsKeyId === null) return undefined;
    const key = await keys.describe(kmsKeyId, region, account);
    return key.account === account && key.manager === 'CUSTOMER' ? key : undefined;
  }

  /** @returns the view of the key with its new grant: for a dry run, with the one that KMS would make */
  async function grantAt(command: GrantedFor, secret: Secret, share: Share, view: KeyView): Promise<KeyView> {
    const key = await keyAt(view.place);
    if (key === undefined) throw new DomainError('kms-key-not-shareable', { grantable: false });
    const { principal } = share;
    const grant = {
      ...{ principal, secretArn: view.place.arn, operations: operationsFor(view) },
      name: nameOf(share, command.changeId),
    };
    const request = { key: key.arn, principal, operations: grant.operations };
    if (command.dryRun) await keys.tryGrant(key, grant);
    else await recorded(command, secret, 'createGrant', request, () => keys.createGrant(key, grant));
    return withGrant(view, grant, clock());
  }

  /** @param standing ids of shares that are left: what is granted to the same principal for none of them goes as well */
  async function revokeAt(
    command: GrantedFor,
    secret: Secret,
    share: Share,
    place: SecretPlace,
    standing: ReadonlySet<string>,
  ): Promise<void> {
    const key = await keyAt(place);
    if (key === undefined) return;
    const isDue = (grant: KeyGrant): boolean => {
      const id = idOf(grant, place);
      return id === share.id || (id !== undefined && grant.grantee === share.principal && !standing.has(id));
    };
    for (const { grantId } of (await keys.grants(key)).filter(isDue)) {
      const request = { key: key.arn, grantId, principal: share.principal };
      await recorded(command, secret, 'revokeGrant', request, () => keys.revokeGrant(key, grantId));
    }
  }

  /** The old ones stay: what is new AWS may not know everywhere yet. They go when the principal's share does. */
  async function renewAt(command: GrantedFor, secret: Secret, share: Share, old: Ids, view: KeyView): Promise<void> {
    const key = await keyAt(view.place);
    if (key === undefined) return;
    const ids = new Set((await keys.grants(key)).map((grant) => idOf(grant, view.place)));
    if (!ids.has(share.id) && old.some(({ id }) => ids.has(id))) await grantAt(command, secret, share, view);
  }

  async function grantEverywhere(command: GrantedFor, change: Change, share: Share): Promise<Change> {
    try {
      const secret = await policies.describe(change.secret.arn);
      const reader = readerOf(share.principal, secret.partition);
      let answer = change;
      for (const view of await viewKeys(keys, secret, share.actions, clock())) {
        const { leg } = keyLeg(view, reader);
        // Others may have made or revoked a grant since the change looked at the key.
        if (!isOpen(leg)) answer = withLeg(answer, leg);
        // A key that a statement would not open is not opened by a grant either.
        else if (leg.statement === undefined) answer = warn(answer, notGranted(change, view.place, leg.detail));
        else {
          answer = await grantAt(command, secret, share, view).then(
            (granted) => warn(withLeg(answer, keyLeg(granted, reader).leg), ...planned(change, view.place)),
            (error) => failedAt(answer, view.place, leg, error),
          );
        }
      }
      return withPropagation(answer);
    } catch (error) {
      return warn(change, notGranted(change, null, messageOf(error)));
    }
  }

  /** What goes wrong in one Region is said, and the others are gone on with. */
  async function wherever(
    change: Change,
    failed: (place: SecretPlace | null, why: string) => Warning,
    work: (secret: Secret, each: (place: SecretPlace, done: Promise<void>) => Promise<void>) => Promise<void>,
  ): Promise<Change> {
    let answer = change;
    try {
      await work(await policies.describe(change.secret.arn), (place, done) =>
        done.catch((error) => {
          answer = warn(answer, failed(place, messageOf(error)));
        }),
      );
    } catch (error) {
      return warn(change, failed(null, messageOf(error)));
    }
    return answer;
  }

  return {
    async grant(command, change) {
      const { share } = change;
      if (share === undefined || !change.legs.some(takesKey)) return change;
      if (isOfPrincipal(share)) return grantEverywhere(command, change, share);
      return change.legs.some(isOpen) ? warn(change, notGrantable) : change;
    },

    async again(command, change, entry) {
      return isOfPrincipal(entry) && !change.dryRun ? grantEverywhere(command, change, entry) : change;
    },

    async renew(command, change, old) {
      const { share } = change;
      if (share === undefined || !isOfPrincipal(share) || change.dryRun || !change.changed) return change;
      return wherever(change, notRenewed, async (secret, each) => {
        const views = await viewKeys(keys, secret, share.actions, clock());
        for (const view of views) await each(view.place, renewAt(command, secret, share, old, view));
      });
    },

    async revoke(command, change, entry) {
      if (entry.kind !== 'share' || !isOfPrincipal(entry) || change.dryRun || !change.changed) return change;
      return wherever(change, notRevoked, async (secret, each) => {
        const standing = new Set(entriesOf(parse(change.policy, secret.partition), 'share').map(({ id }) => id));
        for (const place of placesOf(secret)) await each(place, revokeAt(command, secret, entry, place, standing));
      });
    },
  };
}

/**
 * Of shares that are gone, those whose grants nobody needs any more. A share of the same principal that stands may have taken the place of
 * one (`extendEntry`), and read by its grant: that goes with the principal's last.
 */
export const withoutHeirs = (gone: readonly Entry[], standing: readonly Entry[]): Entry[] =>
  gone.filter(({ principal }) => !standing.some((other) => other.principal === principal && needsKey(other.actions)));

/** The key legs of a share that a grant would make. */
export async function lackingGrants(keys: KeyLooks, secret: Secret, share: Entry, now: Date): Promise<Leg[]> {
  if (!isOfPrincipal(share)) return [];
  const reader = readerOf(share.principal, secret.partition);
  const views = await viewKeys(keys, secret, share.actions, now);
  return views.map((view) => keyLeg(view, reader).leg).filter((leg) => isOpen(leg) && leg.statement !== undefined);
}

type Share = Pick<Entry, 'id' | 'actions'> & { principal: string };
const isOfPrincipal = <T extends Pick<Entry, 'principal'>>(entry: T): entry is T & { principal: string } =>
  entry.principal !== undefined;

const takesKey = ({ leg, status }: Leg): boolean => leg === 'keyPolicy' && status !== 'notNeeded';
const isOpen = ({ leg, status }: Leg): boolean => leg === 'keyPolicy' && (status === 'missing' || status === 'unknown');

const operationsFor = ({ uses }: KeyView): GrantedOperation[] => [
  ...allUses(uses).map((use) => OPERATIONS[use]),
  'DescribeKey',
];
const OPERATIONS = { 'kms:Decrypt': 'Decrypt', 'kms:GenerateDataKey': 'GenerateDataKey' } as const;

/** A grant that KMS was asked for, and did not answer, may be there. */
function failedAt(change: Change, place: SecretPlace, leg: Leg, error: unknown): Change {
  const why = messageOf(error);
  if (change.dryRun || !(error instanceof DomainError) || error.facts.uncertain !== true) {
    return warn(change, notGranted(change, place, why));
  }
  const detail = `Whether the key grant was made is not known. ${why}`;
  return warn(withLeg(change, { ...leg, status: 'unknown', detail }), notKnown(place, why));
}

const withLeg = (change: Change, made: Leg): Change => ({
  ...change,
  legs: change.legs.map((leg) => (leg.leg === 'keyPolicy' && leg.region === made.region ? made : leg)),
});

const warn = (change: Change, ...warnings: Warning[]): Change => ({
  ...change,
  warnings: [...change.warnings, ...warnings],
});

/** Of the grants that there were, and of those made now: said once. */
const withPropagation = (change: Change): Change => ({
  ...change,
  warnings: [...change.warnings.filter(({ code }) => code !== GRANT_PROPAGATING), ...propagationWarnings(change.legs)],
});

/** @throws what is no answer of AWS or of the journal */
function messageOf(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  throw error;
}
