import type { Statement } from '../../src/policy/document.ts';
import type { ELSEWHERE, HOME } from './cast.ts';
import type { Limits } from './limits.ts';

/**
 * A world: one secret, everything that decides who reads it, one change, and whom we ask about. Plain JSON, so that it
 * can be kept and played again. `<secret>`, `<replica>`, `<version>`, `<key>`, `<replicaKey>` in texts stand for what
 * gets its name only when the world is set up.
 */
export type World = {
  /** By account; null: in no organization. */
  organizations: Record<string, typeof HOME | typeof ELSEWHERE | null>;
  key: Key;
  /** The key of the replica in eu-west-1; null: there is no replica. */
  replica: Key | null;
  /** Statements of others in the secret's policy. */
  foreign: Statement[];
  /** Ours, made by our API before the change. */
  entries: Entry[];
  change: Change | null;
  /** By the ARN of a user or role: one policy's statements; those without one have none. */
  identities: Record<string, Statement[]>;
  questions: Question[];
  /** Likewise: what a permissions boundary allows; those without one have none. */
  boundaries: Record<string, Statement[]>;
  /** The key that the secret had first; null: it never had another. */
  former: Former | null;
  /** Session and control policies; null: there are none. */
  limits: Limits | null;
};

type Former = {
  key: Key;
  /** Whether whoever changed the key could decrypt by it, so that the value is under both. */
  reencrypted: boolean;
  /** Whether a value was written since, so that this one is AWSPREVIOUS. */
  written: boolean;
};

export type Key = { type: 'default' } | CustomerKey;
export type CustomerKey = {
  type: 'customer';
  /** Of another account than the secret's. */
  foreign: boolean;
  namedBy: 'arn' | 'id' | 'alias';
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  statements: Statement[];
  grants: Grant[];
};

export type Grant = {
  GranteePrincipal: string;
  Operations: string[];
  Constraints?: {
    EncryptionContextSubset?: Record<string, string>;
    EncryptionContextEquals?: Record<string, string>;
    SourceArn?: string;
  };
};

export type Entry = { list: 'shares' | 'denials' | 'restrictions'; body: Record<string, unknown> };

/** An entry, a whole document, or the first of our entries revoked. */
export type Change = Entry | { list: 'policy'; statements: Statement[] } | { list: 'revocation' };

export type Question = {
  principal: string;
  action: Action;
  /** Whether the identity policies are given. */
  identitySeen: boolean;
  /** Of the caller's and the call's condition keys, those that are given, truthfully. */
  contextSeen: string[];
};

export type Action =
  | 'secretsmanager:GetSecretValue'
  | 'secretsmanager:DescribeSecret'
  | 'secretsmanager:PutSecretValue';

export const REGION = 'us-east-1';
export const REPLICA_REGION = 'eu-west-1';
export const regionsOf = ({ replica }: World): string[] => (replica === null ? [REGION] : [REGION, REPLICA_REGION]);

const SMALLEST: World = {
  organizations: {},
  key: { type: 'customer', foreign: false, namedBy: 'arn', state: 'Enabled', statements: [], grants: [] },
  replica: null,
  foreign: [],
  entries: [],
  change: null,
  identities: {},
  questions: [],
  boundaries: {},
  former: null,
  limits: null,
};

/** A world of which only what matters was written down. */
export const worldOf = (written: Partial<World>): World => ({ ...SMALLEST, ...written });

/** What matters of it: what is not as in the smallest world. */
export const written = (world: World): Partial<World> => {
  const smallest = new Map<string, string>(
    Object.entries(SMALLEST).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const organizations = Object.entries(world.organizations).filter(([, organization]) => organization !== null);
  const shown = { ...world, organizations: Object.fromEntries(organizations) };
  return Object.fromEntries(
    Object.entries(shown).filter(([name, value]) => smallest.get(name) !== JSON.stringify(value)),
  );
};
