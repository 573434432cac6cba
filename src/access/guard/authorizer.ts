import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';

/** The guardrails. */
export interface Authorizer {
  decide(request: AuthorizationRequest): AuthorizationDecision;
  /** Whether what they say of an action may hang on the tags of a secret; in doubt it does. */
  readsTags(action: GuardedAction): boolean;
}

/** What a guardrail is asked. Context attributes are the request's, in our own terms. */
export type AuthorizationRequest = {
  identity: Identity;
  action: GuardedAction;
  /** null where the call is not about one secret (lists, audit). */
  secret: Pick<Secret, 'arn' | 'name' | 'account' | 'region' | 'tags'> | null;
  /** Of useAccount and readIdentity; without `account` the service's own. */
  ofAccount?: { account?: string };
  context: {
    /** The ARN (root ARN for an account) that a share or denial names. */
    principal?: string;
    principalAccount?: string;
    organization?: string;
    actions?: string[];
    /** Condition keys that narrow the statement, in AWS's spelling: `aws:SourceVpce`, `secretsmanager:VersionStage`. */
    conditionKeys?: string[];
    /** RFC 3339 */
    expiresAt?: string;
    /** Seconds from now until expiresAt. */
    lifetimeSeconds?: number;
    hasReason: boolean;
    hasTicket: boolean;
    /** The request lets the grantee change the policy itself. */
    escalates: boolean;
    dryRun: boolean;
    /** What the change gives to whom; nothing before it is planned. */
    gains?: Gains;
  };
};

/** Who gains what by a change, judged on the policies before and after. */
export type Gains = {
  /** ARNs (root ARNs for accounts), organization ids, services, `*`. */
  principals: string[];
  /** The accounts of those. */
  accounts: string[];
  actions: string[];
  /** Somebody may change the policy itself. */
  escalation: boolean;
  /** Everybody, as far as the policy's conditions go. */
  public: boolean;
  /** Somebody who is not of the secret's own account. */
  outside: boolean;
};

export const guardedActions = [
  'listSecrets',
  'readSecret',
  'readPolicy',
  'checkAccess',
  'share',
  'deny',
  'restrict',
  'revokeShare',
  'revokeDenial',
  'revokeRestriction',
  'replacePolicy',
  'deletePolicy',
  'rollback',
  'restoreDrift',
  'prune',
  'removeStatement',
  'adopt',
  'applyManifest',
  'readAudit',
  'readTemplates',
  'approve',
  'requestAccess',
  'useAccount',
  'readIdentity',
  'startOperation',
  'cancelOperation',
  'readEstate',
  'survey',
  'acknowledgeFinding',
  'freeze',
  'evict',
  'lift',
] as const;
export type GuardedAction = (typeof guardedActions)[number];

export type AuthorizationDecision =
  | {
      allowed: true;
      /** The group whose member must approve first; null when none must. */
      approval: string | null;
      policies: string[];
    }
  | {
      allowed: false;
      /** Ids of the guardrails that forbade it; empty when nothing permitted it. */
      policies: string[];
    };
