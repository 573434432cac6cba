import { escalatingActions, needsKey, READ_ACTIONS } from '../../policy/actions.ts';
import { statementsOf } from '../../policy/document.ts';
import { compile, EMPTY_POLICY } from '../../policy/entries/compile.ts';
import { addEntry } from '../../policy/entries/edit.ts';
import { shareWithOrganization } from '../../policy/entries/templates/share-with-organization.ts';
import { shareWithPrincipal } from '../../policy/entries/templates/share-with-principal.ts';
import { DomainError } from '../../problems/problem.ts';
import { accountOf, conditionKeysOf, guardContext } from '../guard/guard-context.ts';
import type { LegExaminer } from '../judge/legs.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import type { KeyGranter } from './grant-key.ts';

export type ShareRequest = {
  principal?: string;
  organization?: string;
  actions?: string[];
  versionStages?: string[];
  sourceVpcEndpoints?: string[];
  principalTags?: Record<string, string>;
  expiresAt?: string;
  acknowledgeEscalation?: boolean;
  acknowledgeUnreadable?: boolean;
  /** Make the key leg too: a KMS grant for the principal. */
  grantKey?: boolean;
};

/**
 * Lets a principal or an organization use a secret.
 * @throws DomainError validation-failed, escalation-not-acknowledged; the command itself kms-key-not-shareable
 */
export function shareSecret(
  base: CommandBase,
  request: ShareRequest,
  deps: { now: Date; legs: LegExaminer; granter: KeyGranter },
): ChangeCommand {
  const { acknowledgeEscalation = false, acknowledgeUnreadable = false, grantKey = false, ...parameters } = request;
  const { actions = [...READ_ACTIONS], principal, organization, expiresAt } = parameters;
  assertOneTarget(request);
  assertFuture(expiresAt, deps.now);
  assertGrantable(grantKey, principal);
  const escalating = escalatingActions(actions);
  if (escalating.length > 0 && !acknowledgeEscalation) {
    throw new DomainError(
      'escalation-not-acknowledged',
      `Whoever may do ${escalating.join(', ')} can change this policy and give itself everything. If that is meant, say so: acknowledgeEscalation: true.`,
    );
  }
  const template = principal === undefined ? shareWithOrganization : shareWithPrincipal;
  const principalAccount = principal === undefined ? undefined : accountOf(principal);
  const command: ChangeCommand = {
    ...base,
    action: 'share',
    request: { ...request, actions },
    guard: {
      action: 'share',
      context: guardContext({
        ...{ principal, organization, actions },
        expiry: expiresAt === undefined ? undefined : { at: expiresAt, now: deps.now },
        conditionKeys: conditionKeysOf(
          template.render({ ...parameters, actions }, [String(principal ?? organization)]),
        ),
        escalates: escalating.length > 0,
      }),
    },
    validate: false,
    edit(view, secret) {
      const unreadable = needsKey(actions) && !isReadable(secret, principalAccount);
      if (unreadable && !acknowledgeUnreadable) throw notShareable(secret);
      const { view: edited, entry } = addEntry(view, template, { ...parameters, actions }, secret.partition);
      return { view: edited, entry, warnings: warningsOf(escalating, unreadable, request) };
    },
    async alongside(secret, { entry }) {
      if (entry === undefined) return { legs: [] };
      const alone = compile(addEntry(EMPTY_POLICY, template, { ...parameters, actions }, secret.partition).view);
      const [statement] = statementsOf(alone);
      const legs = await deps.legs.examine(secret, entry);
      return { legs: legs.map((leg) => (leg.leg === 'secretPolicy' && statement ? { ...leg, statement } : leg)) };
    },
    ...(grantKey && { afterwards: (change) => deps.granter.grant(command, change) }),
  };
  return command;
}

function assertOneTarget({ principal, organization }: ShareRequest): void {
  if ((principal === undefined) !== (organization === undefined)) return;
  throw new DomainError('validation-failed', 'A share names whom it is for: either a principal or an organization.', {
    errors: [{ path: '', message: 'must have exactly one of principal and organization' }],
  });
}

/** KMS API Reference, CreateGrant: the grantee is an account, user, role or session; never an organization. */
function assertGrantable(grantKey: boolean, principal: string | undefined): void {
  if (!grantKey || principal !== undefined) return;
  throw new DomainError('validation-failed', 'KMS makes grants for principals only, not for organizations.', {
    errors: [{ path: '/grantKey', message: 'goes with principal only' }],
  });
}

function assertFuture(expiresAt: string | undefined, now: Date): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > now.getTime()) return;
  throw new DomainError('validation-failed', 'A share that has already expired would never let anybody read.', {
    errors: [{ path: '/expiresAt', message: `must be in the future (now: ${now.toISOString()})` }],
  });
}

/** The AWS managed key never decrypts for another account (Secrets Manager User Guide, "Access from another account"). */
const isReadable = (secret: Secret, principalAccount: string | undefined): boolean =>
  secret.kmsKeyId !== null || principalAccount === secret.account;

const notShareable = (secret: Secret): DomainError =>
  new DomainError(
    'kms-key-not-shareable',
    'The secret is encrypted with the AWS managed key aws/secretsmanager, which never decrypts for another account: the ' +
      'share would be attached and nobody could read. Give the secret a customer managed key first (aws secretsmanager ' +
      `update-secret --secret-id ${secret.name} --kms-key-id KEY), or send acknowledgeUnreadable: true to share all the same.`,
  );

function warningsOf(escalating: string[], unreadable: boolean, request: ShareRequest): Warning[] {
  return [
    ...(escalating.length > 0
      ? [{ code: 'escalation', message: `The grantee can change this policy itself (${escalating.join(', ')}).` }]
      : []),
    ...(unreadable
      ? [
          {
            code: 'kms-key-not-shareable',
            message: 'Nobody of another account can read it until it has a customer managed key.',
          },
        ]
      : []),
    ...(request.versionStages === undefined
      ? []
      : [
          {
            code: 'version-stage-required',
            message: 'The reader must name the stage in its call (--version-stage), also for AWSCURRENT.',
          },
        ]),
  ];
}
