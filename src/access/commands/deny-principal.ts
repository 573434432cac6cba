import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { addEntry } from '../../policy/entries/edit.ts';
import { denyAccount } from '../../policy/entries/templates/deny-account.ts';
import { denyPrincipal as denyPrincipalTemplate } from '../../policy/entries/templates/deny-principal.ts';
import { denyPrincipalArn } from '../../policy/entries/templates/deny-principal-arn.ts';
import type { AnyTemplate } from '../../policy/entries/templates/template.ts';
import { parsePrincipal } from '../../policy/principal.ts';
import { DomainError } from '../../problems/problem.ts';
import { accountOf, guardContext } from '../guard/guard-context.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';

export type DenialRequest = {
  principal?: string;
  account?: string;
  actions?: string[];
  match?: 'principal' | 'arn';
};

/** Makes sure that a principal can never use a secret, whatever else allows it. @throws DomainError validation-failed */
export function denyPrincipal(base: CommandBase, request: DenialRequest): ChangeCommand {
  const { match = 'principal', actions = [GET_SECRET_VALUE] } = request;
  const target = targetOf(request);
  const { template, parameters } = pick(match, target);
  return {
    ...base,
    action: 'deny',
    request: { ...request, actions, match },
    guard: { action: 'deny', context: guardContext({ principal: target, actions }) },
    validate: true,
    edit(view, secret) {
      const { view: edited, entry } = addEntry(view, template, { ...parameters, actions }, secret.partition);
      return { view: edited, entry, warnings: warningsOf(match, target, secret.account) };
    },
  };
}

function targetOf({ principal, account }: DenialRequest): string {
  if (principal !== undefined && account === undefined) return principal;
  if (account !== undefined && principal === undefined) return account;
  throw new DomainError('validation-failed', 'A denial names whom it is for: either a principal or an account.', {
    errors: [{ path: '', message: 'must have exactly one of principal and account' }],
  });
}

/** aws:PrincipalArn holds a role's ARN, never its sessions', and never an account: accounts have a key of their own. */
function pick(
  match: 'principal' | 'arn',
  target: string,
): { template: AnyTemplate; parameters: Record<string, unknown> } {
  if (match === 'principal') return { template: denyPrincipalTemplate, parameters: { principal: target } };
  const principal = parsePrincipal(target);
  if (principal?.type === 'account') return { template: denyAccount, parameters: { account: principal.account } };
  if (principal?.type === 'assumedRole') {
    throw new DomainError('validation-failed', 'A session can’t be matched by ARN: AWS compares the role’s ARN.', {
      errors: [
        {
          path: '/principal',
          message: 'must be the role’s ARN (arn:aws:iam::ACCOUNT:role/NAME), or match must be "principal"',
        },
      ],
    });
  }
  return { template: denyPrincipalArn, parameters: { principal: target } };
}

function warningsOf(match: 'principal' | 'arn', target: string, owner: string): Warning[] {
  const type = parsePrincipal(target)?.type;
  return [
    ...(match === 'principal' && (type === 'user' || type === 'role')
      ? [
          {
            code: 'denial-lapses-on-recreation',
            message: 'If the principal is deleted and made again, this denial no longer meets it. match: "arn" does.',
          },
        ]
      : []),
    ...(type === 'account' && accountOf(target) === owner
      ? [{ code: 'denies-own-account', message: 'This denies every principal of the account that owns the secret.' }]
      : []),
  ];
}
