import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { parseArn } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { PrincipalRecord, PrincipalType, SessionRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { keepManagedPolicy } from './managed-policies.ts';
import { ENABLED_BY_DEFAULT } from './regions.ts';
import { storedPolicy } from './stored-policy.ts';

type NewPrincipal = {
  /** `arn:aws:iam::ACCOUNT:user/NAME` or `…:role/NAME`, with a path or without. */
  arn: string;
  /** The identity policies. */
  policies: readonly PolicyDocument[];
  tags?: Record<string, string>;
  /** The permissions boundary. */
  boundary?: PolicyDocument;
  /** A key that acts as this principal; its secret key is never checked. */
  accessKeyId?: string;
};
type NewRole = NewPrincipal & {
  /** Who may assume it: a policy without Resource, as IAM has it. */
  trustPolicy?: PolicyDocument;
  /** 3600 to 43,200; one hour unless given. */
  maxSessionSeconds?: number;
};

/** The little of IAM and Organizations that a secret's policy can speak of: accounts, users, roles, access keys. */
export class Directory {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Every well-formed account id exists; this says which organisation the account belongs to (null: none).
   * @param units the ids of its root and organizational units, from the top: `['r-ab12', 'ou-ab12-11111111']`
   * @param name what it is called there; its id unless given
   */
  setOrganization(account: string, organization: string | null, units: readonly string[] = [], name = account): void {
    const path = organization === null || units.length === 0 ? {} : { path: `${[organization, ...units].join('/')}/` };
    const before = this.#store.get('account', account);
    const joinedBefore = before?.organization === organization ? before.joinedAt : undefined;
    const joinedAt = joinedBefore ?? this.#clock().getTime();
    const regions = before?.regions && { regions: before.regions };
    this.#store.put('account', account, { id: account, organization, name, joinedAt, ...path, ...regions });
  }

  /** The Regions that an account has enabled; those that all have by default, unless given. */
  setRegions(account: string, regions: readonly string[]): void {
    const before = this.#store.get('account', account) ?? { id: account, organization: null };
    this.#store.put('account', account, { ...before, regions: [...regions] });
  }

  regionsOf(account: string): readonly string[] {
    return this.#store.get('account', account)?.regions ?? ENABLED_BY_DEFAULT;
  }

  /** As aws:PrincipalOrgPaths and aws:ResourceOrgPaths have it; null where the account is in no organisation. */
  organizationPathOf(account: string): string | null {
    return this.#store.get('account', account)?.path ?? null;
  }

  organizationOf(account: string): string | null {
    return this.#store.get('account', account)?.organization ?? null;
  }

  /** @throws Error when the name is taken */
  createUser(user: NewPrincipal): PrincipalRecord {
    return this.#create('user', user, null);
  }

  /** @throws Error when the name is taken */
  createGroup(arn: string): PrincipalRecord {
    return this.#create('group', { arn, policies: [] }, null);
  }

  /** @throws Error when the name is taken, or when the trust policy names a principal that does not exist */
  createRole(role: NewRole): PrincipalRecord {
    const partition = parseArn(role.arn)?.partition ?? 'aws';
    return this.#create('role', role, role.trustPolicy ? storedPolicy(role.trustPolicy, partition, this) : null);
  }

  /** Deletes a user or role. A principal that is made under its name afterwards is another one. */
  deletePrincipal(arn: string): void {
    const principal = this.#get(arn);
    this.#store.delete('principal', keyOf(principal));
    this.#store.delete('uniqueId', principal.uniqueId);
  }

  /** Replaces the identity policies. @throws Error when there is no such principal */
  setIdentityPolicies(arn: string, policies: readonly PolicyDocument[]): void {
    this.#change(arn, () => ({ policies: [...policies], policyNames: [] }));
  }

  /** An inline policy, in place of one of the same name. @throws Error when there is no such principal */
  putPolicy(arn: string, name: string, document: PolicyDocument): void {
    this.deletePolicy(arn, name);
    this.#change(arn, ({ policies, policyNames = [] }) => ({
      policies: [...policies, document],
      policyNames: [...policies.map((_, index) => policyNames[index] ?? `policy-${index + 1}`), name],
    }));
  }

  deletePolicy(arn: string, name: string): void {
    this.#change(arn, ({ policies, policyNames = [] }) => {
      const names = policies.map((_, index) => policyNames[index] ?? `policy-${index + 1}`);
      const isOther = (_: unknown, index: number) => names[index] !== name;
      return { policies: policies.filter(isOther), policyNames: names.filter(isOther) };
    });
  }

  /** @throws Error when there is no such role, or when the policy names a principal that does not exist */
  setTrustPolicy(arn: string, document: PolicyDocument): void {
    const partition = parseArn(arn)?.partition ?? 'aws';
    this.#change(arn, () => ({ trustPolicy: storedPolicy(document, partition, this) }));
  }

  /** A further key of a user. @throws Error when there is no such user */
  createAccessKey(arn: string, id: string): void {
    const { uniqueId } = this.#get(arn);
    this.#store.put('accessKey', id, { id, uniqueId, sessionName: null, temporary: null });
  }

  /** False when the key is not that user's. */
  deleteAccessKey(arn: string, id: string): boolean {
    const isOwn = this.#store.get('accessKey', id)?.uniqueId === this.#get(arn).uniqueId;
    if (isOwn) this.#store.delete('accessKey', id);
    return isOwn;
  }

  /**
   * Sets or, with null, takes away the permissions boundary: the ARN of a managed policy, or a document, of which one is made.
   * @throws Error when there is no such principal
   */
  setPermissionsBoundary(arn: string, boundary: PolicyDocument | string | null): void {
    const principal = this.#get(arn);
    const { boundary: _, ...unbound } = principal;
    const set = boundary === null ? unbound : { ...unbound, boundary: this.#boundaryFor(principal, boundary) };
    this.#store.put('principal', keyOf(principal), set);
  }

  /** The managed policies that are attached, by their ARNs: all of them. @throws Error when there is no such principal */
  setAttachedPolicies(arn: string, attached: readonly string[]): void {
    this.#change(arn, () => ({ attached: [...attached] }));
  }

  /** The groups of a user, by their names: all of them. @throws Error when there is no such principal */
  setGroups(arn: string, groups: readonly string[]): void {
    this.#change(arn, () => ({ groups: [...groups] }));
  }

  #boundaryFor(principal: PrincipalRecord, boundary: PolicyDocument | string): string {
    if (typeof boundary === 'string') return boundary;
    const { partition, account, type, name } = principal;
    const policy = `arn:${partition}:iam::${account}:policy/boundary-of-${type}-${name}`;
    keepManagedPolicy(this.#store, policy, boundary, this.#clock());
    return policy;
  }

  /**
   * A further session of a role, under an access key of its own; with what a start of it that is not offered here (SAML)
   * would have set. @throws Error when there is no such role
   */
  createSession(roleArn: string, sessionName: string, accessKeyId: string, session?: Partial<SessionRecord>): void {
    const role = this.find(roleArn);
    if (role?.type !== 'role') throw new Error(`There is no role ${roleArn}.`);
    this.#store.put('accessKey', accessKeyId, {
      id: accessKeyId,
      uniqueId: role.uniqueId,
      sessionName,
      temporary: null,
      session: { issuedAt: this.#clock().getTime(), ...session },
    });
  }

  /** A Lambda function, as far as rotation needs it: it acts as this role. @throws Error when there is no such role */
  createFunction(arn: string, roleArn: string): void {
    const role = this.find(roleArn);
    if (role?.type !== 'role') throw new Error(`There is no role ${roleArn}.`);
    this.#store.put('function', arn, { arn, roleId: role.uniqueId });
  }

  /** Undefined when nobody has made the function, or when its role is gone. */
  roleOfFunction(arn: string): PrincipalRecord | undefined {
    const made = this.#store.get('function', arn);
    return made === undefined ? undefined : this.findByUniqueId(made.roleId);
  }

  /** The user or role with exactly this ARN, path included. */
  find(arn: string): PrincipalRecord | undefined {
    const identity = identityOf(arn);
    const principal = identity && this.#store.get('principal', keyOf(identity));
    return principal?.arn === arn ? principal : undefined;
  }

  /** IAM's role names are unique in an account, whatever their path: a session's ARN leaves the path out. */
  findRole(partition: string, account: string, name: string): PrincipalRecord | undefined {
    return this.findByName(partition, account, 'role', name);
  }

  findByName(partition: string, account: string, type: PrincipalType, name: string): PrincipalRecord | undefined {
    return this.#store.get('principal', keyOf({ partition, account, type, name }));
  }

  list(partition: string, account: string, type: PrincipalType): readonly PrincipalRecord[] {
    return this.#store.list('principal', keyOf({ partition, account, type, name: '' }));
  }

  findByUniqueId(uniqueId: string): PrincipalRecord | undefined {
    const key = this.#store.get('uniqueId', uniqueId);
    return key === undefined ? undefined : this.#store.get('principal', key);
  }

  #get(arn: string): PrincipalRecord {
    const principal = this.find(arn);
    if (principal === undefined) throw new Error(`There is no principal ${arn}.`);
    return principal;
  }

  #change(arn: string, change: (principal: PrincipalRecord) => Partial<PrincipalRecord>): void {
    const principal = this.#get(arn);
    this.#store.put('principal', keyOf(principal), { ...principal, ...change(principal) });
  }

  #create(type: PrincipalType, spec: NewPrincipal, trustPolicy: PolicyDocument | null): PrincipalRecord {
    const identity = identityOf(spec.arn);
    if (identity?.type !== type) throw new Error(`${spec.arn} is not the ARN of a ${type}.`);
    if (this.#store.get('principal', keyOf(identity)) !== undefined) throw new Error(`${spec.arn} exists already.`);
    const uniqueId = newUniqueId(type);
    const {
      policies,
      tags = {},
      accessKeyId,
      arn,
      boundary,
      maxSessionSeconds,
    }: Partial<NewRole> & NewPrincipal = spec;
    const optional = { ...(maxSessionSeconds && { maxSessionSeconds }) };
    const principal = {
      ...identity,
      arn,
      uniqueId,
      policies: [...policies],
      trustPolicy,
      tags,
      createdAt: this.#clock().getTime(),
      ...optional,
    };
    this.#store.put('principal', keyOf(principal), principal);
    this.#store.put('uniqueId', uniqueId, keyOf(principal));
    if (boundary !== undefined) this.setPermissionsBoundary(arn, boundary);
    if (accessKeyId !== undefined) {
      const sessionName = type === 'role' ? 'local' : null;
      this.#store.put('accessKey', accessKeyId, { id: accessKeyId, uniqueId, sessionName, temporary: null });
    }
    return principal;
  }
}

type Identity = Pick<PrincipalRecord, 'partition' | 'account' | 'type' | 'name'>;

const keyOf = ({ partition, account, type, name }: Identity): string => `${partition}/${account}/${type}/${name}`;

function identityOf(text: string): Identity | undefined {
  const arn = parseArn(text);
  const [, type, name] = /^(user|role|group)\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn?.resource ?? '') ?? [];
  if (arn === undefined || arn.service !== 'iam' || name === undefined) return undefined;
  return {
    partition: arn.partition,
    account: arn.account,
    type: type === 'user' || type === 'group' ? type : 'role',
    name,
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As IAM makes them: AIDA (user), AROA (role), AGPA (group) or ASIA (temporary key) and 17 characters. */
export const newIamId = (prefix: 'AIDA' | 'AROA' | 'AGPA' | 'ASIA' | 'AKIA'): string =>
  prefix + [...randomBytes(17)].map((byte) => LETTERS[byte % LETTERS.length]).join('');

const PREFIXES = { user: 'AIDA', role: 'AROA', group: 'AGPA' } as const;
const newUniqueId = (type: PrincipalType): string => newIamId(PREFIXES[type]);
