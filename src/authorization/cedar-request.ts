import type { AuthorizationRequest, Gains } from '../access/guard/authorizer.ts';
import type { CedarValueJson, EntityJson, StatefulAuthorizationCall } from './cedar.ts';

/** A request in Cedar's words, as schema.cedarschema declares them. */
export function cedarRequest({ identity, action, secret, ofAccount, context }: AuthorizationRequest) {
  const caller = { type: 'Caller', id: identity.subject };
  const resource = resourceOf(secret, ofAccount);
  const { issuer, subject, method, groups, scopes } = identity;
  const entities: EntityJson[] = [
    {
      uid: caller,
      attrs: withoutAbsent({ subject, issuer: issuer ?? undefined, method, groups, scopes }),
      parents: groups.map((id) => ({ type: 'Group', id })),
    },
  ];
  if (secret !== null) {
    const { arn, account, region, name, tags } = secret;
    entities.push({ uid: resource, attrs: { arn, account, region, name }, parents: [], tags });
  }
  if (ofAccount !== undefined) entities.push({ uid: resource, attrs: { ...ofAccount }, parents: [] });
  const { expiresAt, lifetimeSeconds, gains = NOTHING, ...rest } = context;
  return {
    principal: caller,
    action: { type: 'Action', id: action },
    resource,
    entities,
    context: withoutAbsent({
      ...rest,
      gainsPrincipals: gains.principals,
      gainsAccounts: gains.accounts,
      gainsActions: gains.actions,
      gainsEscalation: gains.escalation,
      gainsPublic: gains.public,
      gainsOutside: gains.outside,
      // Cedar reads fewer forms than RFC 3339 has; toISOString's is one of them.
      expiresAt:
        expiresAt === undefined ? undefined : { __extn: { fn: 'datetime', arg: new Date(expiresAt).toISOString() } },
      // Cedar has whole numbers only; up, so that a maximum stays one.
      lifetimeSeconds: lifetimeSeconds === undefined ? undefined : Math.ceil(lifetimeSeconds),
    }),
  } satisfies Pick<StatefulAuthorizationCall, 'principal' | 'action' | 'resource' | 'context' | 'entities'>;
}

/** What all policies of a set look at. */
export type Reads = { context: 'any' | ReadonlySet<string>; resource: 'any' | ReadonlySet<string> };

/** The same for all requests that policies can't tell apart. */
export function decisionKey(
  { principal, action, resource, context, entities: [caller, ...about] }: ReturnType<typeof cedarRequest>,
  reads: Reads,
): string {
  const which = reads.resource === 'any' ? resource : resource.type;
  const seen = about.map(({ attrs, tags }) => [readOf(attrs, reads.resource), tags]);
  return JSON.stringify([principal, action, which, caller, seen, readOf(context, reads.context)]);
}

const readOf = (all: Record<string, CedarValueJson>, names: 'any' | ReadonlySet<string>) =>
  Object.entries(all).filter(([name]) => names === 'any' || names.has(name));

function resourceOf(secret: AuthorizationRequest['secret'], ofAccount: AuthorizationRequest['ofAccount']) {
  if (ofAccount !== undefined) return { type: 'Account', id: ofAccount.account ?? 'own' };
  return secret === null ? { type: 'Service', id: 'secret-access-service' } : { type: 'Secret', id: secret.arn };
}

const NOTHING: Gains = {
  principals: [],
  accounts: [],
  actions: [],
  escalation: false,
  public: false,
  outside: false,
};

/** Cedar takes an attribute that is `undefined` for a value; it has to be away. */
function withoutAbsent(record: Record<string, CedarValueJson | undefined>): Record<string, CedarValueJson> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, CedarValueJson] => entry[1] !== undefined),
  );
}
