import { accountIn } from '../../policy/arn.ts';
import { testsOf } from '../../policy/document.ts';
import type { StatementBody, Subject } from '../../policy/entries/templates/kinds/template.ts';
import { parsePrincipal } from '../../policy/principals/principal.ts';
import type { AuthorizationRequest } from './authorizer.ts';

/** Whom and what a share, denial or restriction is about, as the caller wrote it. */
type Asked = Subject & {
  actions: string[];
  conditionKeys?: string[];
  /** When it ends (RFC 3339), and what its lifetime counts from. */
  expiry?: { at: string; now: Date } | undefined;
  escalates?: boolean;
};

type Context = AuthorizationRequest['context'];
export type GuardContext = Omit<Context, 'hasReason' | 'hasTicket' | 'dryRun'>;

/** What the guardrails are told of a request besides what it is about. */
export const whySaid = (
  { reason, ticket }: { reason: string | null; ticket: string | null },
  dryRun = false,
): Pick<Context, 'hasReason' | 'hasTicket' | 'dryRun'> => ({
  hasReason: reason !== null,
  hasTicket: ticket !== null,
  dryRun,
});

/** The same in the words of the guardrails. */
export function guardContext(asked: Asked): GuardContext {
  const { organization, service, principal = service, actions, conditionKeys, expiry, escalates = false } = asked;
  const principalAccount = accountOf(asked);
  return {
    actions,
    escalates,
    ...(conditionKeys !== undefined && { conditionKeys }),
    ...(principal !== undefined && { principal: parsePrincipal(principal)?.arn ?? principal }),
    ...(principalAccount !== undefined && { principalAccount }),
    ...(organization !== undefined && { organization }),
    ...(expiry !== undefined && {
      expiresAt: expiry.at,
      lifetimeSeconds: (Date.parse(expiry.at) - expiry.now.getTime()) / 1_000,
    }),
  };
}

/** The one account that a request is about, read off what the caller wrote. */
export function accountOf({ principal, account }: Subject): string | undefined {
  if (principal === undefined) return account;
  return /^\d{12}$/.test(principal) ? principal : accountIn(principal);
}

/** The condition keys of statements, in AWS's spelling, without those that say nothing of their own. */
export function conditionKeysOf(statements: readonly StatementBody[]): string[] {
  const keys = statements.flatMap(testsOf).map(({ key }) => key);
  return [...new Set(keys)].filter((key) => !IMPLIED.includes(key)).sort();
}

/** `expiresAt` says the first; every restriction has the others. */
const IMPLIED = ['aws:CurrentTime', 'aws:PrincipalIsAWSService', 'aws:ViaAWSService'];
