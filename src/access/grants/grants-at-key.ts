import type { Clock } from '../../clock.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { allUses } from '../../policy/key-use.ts';
import { DomainError } from '../../problems/problem.ts';
import type { GrantedOperation, Key, KeyGrant, KeyLooks, NewGrant } from '../judge/key/keys.ts';
import { type KeyView, withGrant } from '../judge/key/view-key.ts';
import type { Secret, SecretPlace } from '../secret.ts';
import type { AwsReceipt } from '../write/secret-policies.ts';
import type { GrantedFor, GrantRecorder } from './record-grant.ts';

/** Grants on KMS keys. */
export interface KeyGrants {
  /** Whether KMS would make it (CreateGrant with DryRun). @throws DomainError why it would not */
  tryGrant(key: Key, grant: NewGrant): Promise<void>;
  createGrant(key: Key, grant: NewGrant): Promise<{ grantId: string } & AwsReceipt>;
  revokeGrant(key: Key, grantId: string): Promise<AwsReceipt>;
}

/** A share of one principal: only those can have a grant. */
export type Share = Pick<Entry, 'id' | 'actions'> & { principal: string };

export const isOfPrincipal = <T extends Pick<Entry, 'principal'>>(entry: T): entry is T & { principal: string } =>
  entry.principal !== undefined;

export type Ids = readonly Pick<Entry, 'id'>[];

/** What is granted and revoked at the key of one Region. Each of them @throws DomainError what KMS or the journal answered. */
export function createGrantsAtKey(keys: KeyLooks & KeyGrants, recorded: GrantRecorder, clock: Clock) {
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

  /** The old ones stay: what is new AWS may not know everywhere yet. They go when the principal's share does. */
  async function renewAt(command: GrantedFor, secret: Secret, share: Share, old: Ids, view: KeyView): Promise<void> {
    const key = await keyAt(view.place);
    if (key === undefined) return;
    const ids = new Set((await keys.grants(key)).map((grant) => idOf(grant, view.place)));
    if (!ids.has(share.id) && old.some(({ id }) => ids.has(id))) await grantAt(command, secret, share, view);
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

  return { grantAt, renewAt, revokeAt };
}

const nameOf = (entry: Pick<Entry, 'id'>, changeId: string): string => `secret-access:${entry.id}:${changeId}`;

/** Of the share that a grant was made for; undefined for one that is not ours, or of another secret under the same key. */
const idOf = ({ name, constraints }: KeyGrant, { arn }: SecretPlace): string | undefined =>
  constraints.subset?.['SecretARN'] === arn ? /^secret-access:([0-9a-f]+):/.exec(name ?? '')?.[1] : undefined;

const operationsFor = ({ uses }: KeyView): GrantedOperation[] => [
  ...allUses(uses).map((use) => OPERATIONS[use]),
  'DescribeKey',
];
const OPERATIONS = { 'kms:Decrypt': 'Decrypt', 'kms:GenerateDataKey': 'GenerateDataKey' } as const;
