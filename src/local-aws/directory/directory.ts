import type { Clock } from '../../clock.ts';
import { parseArn } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { storedPolicy } from '../enforcement/stored-policy.ts';
import type { PrincipalRecord, PrincipalType, SessionRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { identityOf, keyOf, newUniqueId } from './identity.ts';
import { withPolicy } from './inline-policies.ts';
import { keepManagedPolicy } from './managed-policies.ts';
import { Principals } from './principals.ts';

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

/** The little of IAM that a secret's policy can speak of: users, roles, groups, and the keys that act as them. */
export class Directory extends Principals {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    super(store);
    this.#store = store;
    this.#clock = clock;
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
    return this.#create('role', role, role.trustPolicy ? this.#trustOf(role.arn, role.trustPolicy) : null);
  }

  /** Deletes a user, role or group. A principal that is made under its name afterwards is another one. */
  deletePrincipal(arn: string): void {
    const principal = this.get(arn);
    this.#store.delete('principal', keyOf(principal));
    this.#store.delete('uniqueId', principal.uniqueId);
  }

  /** Replaces the identity policies. @throws Error when there is no such principal */
  setIdentityPolicies(arn: string, policies: readonly PolicyDocument[]): void {
    this.change(arn, () => ({ policies: [...policies], policyNames: [] }));
  }

  /** An inline policy, in place of one of the same name; null takes it away. @throws Error when there is no such principal */
  setPolicy(arn: string, name: string, document: PolicyDocument | null): void {
    this.change(arn, (principal) => withPolicy(principal, name, document));
  }

  /** @throws Error when there is no such role, or when the policy names a principal that does not exist */
  setTrustPolicy(arn: string, document: PolicyDocument): void {
    this.change(arn, () => ({ trustPolicy: this.#trustOf(arn, document) }));
  }

  /**
   * Sets or, with null, takes away the permissions boundary: the ARN of a managed policy, or a document, of which one is made.
   * @throws Error when there is no such principal
   */
  setPermissionsBoundary(arn: string, boundary: PolicyDocument | string | null): void {
    const principal = this.get(arn);
    const { boundary: _, ...unbound } = principal;
    const set = boundary === null ? unbound : { ...unbound, boundary: this.#boundaryFor(principal, boundary) };
    this.#store.put('principal', keyOf(principal), set);
  }

  /** The managed policies that are attached, by their ARNs: all of them. @throws Error when there is no such principal */
  setAttachedPolicies(arn: string, attached: readonly string[]): void {
    this.change(arn, () => ({ attached: [...attached] }));
  }

  /** The groups of a user, by their names: all of them. @throws Error when there is no such principal */
  setGroups(arn: string, groups: readonly string[]): void {
    this.change(arn, () => ({ groups: [...groups] }));
  }

  /** A further key of a user. @throws Error when there is no such user */
  createAccessKey(arn: string, id: string): void {
    const { uniqueId } = this.get(arn);
    this.#store.put('accessKey', id, { id, uniqueId, sessionName: null, temporary: null });
  }

  /** False when the key is not that user's. */
  deleteAccessKey(arn: string, id: string): boolean {
    const isOwn = this.#store.get('accessKey', id)?.uniqueId === this.get(arn).uniqueId;
    if (isOwn) this.#store.delete('accessKey', id);
    return isOwn;
  }

  /**
   * A further session of a role, under an access key of its own; with what a start of it that is not offered here (SAML)
   * would have set. @throws Error when there is no such role
   */
  createSession(roleArn: string, sessionName: string, accessKeyId: string, session?: Partial<SessionRecord>): void {
    this.#store.put('accessKey', accessKeyId, {
      id: accessKeyId,
      uniqueId: this.#roleId(roleArn),
      sessionName,
      temporary: null,
      session: { issuedAt: this.#clock().getTime(), ...session },
    });
  }

  /** A Lambda function, as far as rotation needs it: it acts as this role. @throws Error when there is no such role */
  createFunction(arn: string, roleArn: string): void {
    this.#store.put('function', arn, { arn, roleId: this.#roleId(roleArn) });
  }

  #roleId(arn: string): string {
    const role = this.find(arn);
    if (role?.type !== 'role') throw new Error(`There is no role ${arn}.`);
    return role.uniqueId;
  }

  #trustOf(arn: string, document: PolicyDocument): PolicyDocument {
    return storedPolicy(document, parseArn(arn)?.partition ?? 'aws', this);
  }

  #boundaryFor({ partition, account, type, name }: PrincipalRecord, boundary: PolicyDocument | string): string {
    if (typeof boundary === 'string') return boundary;
    const policy = `arn:${partition}:iam::${account}:policy/boundary-of-${type}-${name}`;
    keepManagedPolicy(this.#store, policy, boundary, this.#clock());
    return policy;
  }

  #create(
    type: PrincipalType,
    { arn, policies, tags = {}, accessKeyId: id, boundary, maxSessionSeconds }: NewRole,
    trustPolicy: PolicyDocument | null,
  ): PrincipalRecord {
    const identity = identityOf(arn);
    if (identity?.type !== type) throw new Error(`${arn} is not the ARN of a ${type}.`);
    if (this.#store.get('principal', keyOf(identity)) !== undefined) throw new Error(`${arn} exists already.`);
    const uniqueId = newUniqueId(type);
    const principal = {
      ...{ ...identity, arn, uniqueId, trustPolicy, tags },
      policies: [...policies],
      createdAt: this.#clock().getTime(),
      ...(maxSessionSeconds && { maxSessionSeconds }),
    };
    this.#store.put('principal', keyOf(principal), principal);
    this.#store.put('uniqueId', uniqueId, keyOf(principal));
    if (boundary !== undefined) this.setPermissionsBoundary(arn, boundary);
    if (id !== undefined) {
      const sessionName = type === 'role' ? 'local' : null;
      this.#store.put('accessKey', id, { id, uniqueId, sessionName, temporary: null });
    }
    return principal;
  }
}
