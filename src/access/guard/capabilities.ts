import type { Identity } from '../identity.ts';
import type { AuthorizationRequest, Authorizer, GuardedAction } from './authorizer.ts';

/** What a caller may do at all, by the names that people have for it. */
const ON_SECRETS = {
  look: 'readPolicy',
  share: 'share',
  deny: 'deny',
  restrict: 'restrict',
  revoke: 'revokeShare',
  replace: 'replacePolicy',
  approve: 'approve',
  request: 'requestAccess',
} as const satisfies Record<string, GuardedAction>;
const OF_THE_SERVICE = {
  list: 'listSecrets',
  bulk: 'startOperation',
  audit: 'readAudit',
  estate: 'readEstate',
  incident: 'freeze',
} as const satisfies Record<string, GuardedAction>;

export const capabilities = [...keysOf(OF_THE_SERVICE), ...keysOf(ON_SECRETS)];
export type Capability = (typeof capabilities)[number];

/**
 * The guardrails are asked about a secret without tags, and about one of each group of the caller, in a request that says
 * all that one may ask for. What a forbid stands against may be permitted on another secret: only what nothing permits is false.
 */
export function capabilitiesOf(authorizer: Authorizer, identity: Identity): Record<Capability, boolean> {
  const secrets = [{}, ...identity.groups.map((team) => ({ team }))].map(someSecret);
  const may = (action: GuardedAction, secret: AuthorizationRequest['secret']): boolean => {
    const decision = authorizer.decide({ identity, action, secret, context: WELL_FOUNDED });
    return decision.allowed || decision.policies.length > 0;
  };
  const onSecrets = keysOf(ON_SECRETS).map(
    (name) => [name, secrets.some((secret) => may(ON_SECRETS[name], secret))] as const,
  );
  const ofTheService = keysOf(OF_THE_SERVICE).map((name) => [name, may(OF_THE_SERVICE[name], null)] as const);
  return Object.fromEntries([...ofTheService, ...onSecrets]) as Record<Capability, boolean>;
}

/** Who may lift incidents sees them, too. */
export const mayLift = (authorizer: Authorizer, identity: Identity): boolean =>
  authorizer.decide({ identity, action: 'lift', secret: null, context: WELL_FOUNDED }).allowed;

const WELL_FOUNDED = { hasReason: true, hasTicket: true, escalates: false, dryRun: false };

const someSecret = (tags: Record<string, string>) => ({
  arn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:any-AbCdEf',
  name: 'any',
  account: '000000000000',
  region: 'us-east-1',
  tags,
});

function keysOf<T extends object>(map: T): (keyof T & string)[] {
  return Object.keys(map) as (keyof T & string)[];
}
