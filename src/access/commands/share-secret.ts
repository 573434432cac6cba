import { BATCH_GET, escalatingActions } from '../../policy/actions.ts';
import type { Statement } from '../../policy/document.ts';
import { renderAlone } from '../../policy/entries/compile.ts';
import { extendEntry, foreignOf } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { accept } from '../../policy/entries/request.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { Group, Subject } from '../../policy/entries/templates/kinds/template.ts';
import { entryNamed } from '../../policy/entries/words.ts';
import { needsKey } from '../../policy/key-use.ts';
import { DomainError } from '../../problems/problem.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { accountOf, conditionKeysOf, guardContext } from '../guard/guard-context.ts';
import { keyWarnings } from '../judge/key/key-warnings.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import { alreadyAllowed } from '../judge/share/already-allowed.ts';
import { askedShare } from '../judge/share/asked-share.ts';
import { type AskedShare, judgeShare } from '../judge/share/judge-share.ts';
import type { Secret } from '../secret.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';

/** What the templates of shares take (src/policy/entries/request.ts), and what makes the share happen. */
export type ShareRequest = Group & {
  acknowledgeEscalation?: boolean;
  acknowledgeUnreadable?: boolean;
  /** Make the key leg too: a KMS grant for the principal. */
  grantKey?: boolean;
  /** Make every leg that may be made: as `grantKey` where KMS makes such a grant; what can't be made is said. */
  complete?: boolean;
};

/**
 * Lets a principal, an organization, … use a secret: whomever a template of shares can name. It takes the place of what was the same
 * share but for a sooner end, and of the key grants of that.
 * @throws DomainError validation-failed, escalation-not-acknowledged; the command itself kms-key-not-shareable
 */
export function shareSecret(
  base: CommandBase,
  asked: ShareRequest,
  deps: { now: Date; legs: LegExaminer; granter: KeyGranter },
): ChangeCommand {
  const { acknowledgeEscalation = false, acknowledgeUnreadable = false, ...legs } = asked;
  const { grantKey = false, complete = false, ...share } = legs;
  const { template, parameters, request } = accept('share', share);
  const subject = template.subject(parameters);
  // A service acts for an account, and is of none.
  const account = subject.service === undefined ? accountOf(subject) : undefined;
  const actions = texts(parameters['actions']);
  const expiresAt = expiryOf(parameters, deps.now);
  assertGrantable(grantKey, subject);
  const makesLegs = grantKey || complete;
  const escalating = escalatingActions(actions);
  if (escalating.length > 0 && !acknowledgeEscalation) {
    throw new DomainError('escalation-not-acknowledged', { actions: escalating });
  }
  let meant: AskedShare | undefined;
  const askedOf = ({ partition }: Secret): AskedShare => {
    meant ??= askedShare(template, parameters, partition);
    return meant;
  };
  let ended: Entry[] = [];
  let beside: readonly Statement[] = [];
  const command: ChangeCommand = {
    ...base,
    action: 'share',
    request: { ...asked, ...request },
    guard: {
      action: 'share',
      context: guardContext({
        ...subject,
        actions,
        expiry: expiresAt === undefined ? undefined : { at: expiresAt, now: deps.now },
        conditionKeys: conditionKeysOf(renderAlone(template, parameters)),
        escalates: escalating.length > 0,
      }),
    },
    validate: false,
    edit(view, secret) {
      const unreadable = needsKey(actions) && !isReadable(secret, account);
      if (unreadable && !acknowledgeUnreadable)
        throw new DomainError('kms-key-not-shareable', { secretName: secret.name });
      const extended = extendEntry(view, template, parameters, secret.partition);
      const { view: edited, entry } = extended;
      ended = extended.ended;
      beside = edited === view ? [] : foreignOf(view);
      const warnings = [
        ...ended.map(placeTaken),
        ...warningsOf(escalating, unreadable),
        ...keyWarnings(secret, actions, account),
        ...(actions.includes(BATCH_GET) ? [OF_BATCH] : []),
        ...(template.warnings?.(parameters) ?? []),
      ];
      return { view: edited, entry, warnings };
    },
    warn: (secret) => (budget) => alreadyAllowed(secret, beside, () => askedOf(secret), deps.now, budget),
    async alongside(secret, { entry, after, command: asMade }, { isRecorded }) {
      if (entry === undefined) return { legs: [] };
      return judgeShare(secret, after, askedOf(secret), {
        ...{ ...deps, identity: asMade.toldTo ?? base.requester.identity },
        isOneOfMany: asMade.background === true,
        isRecorded,
      });
    },
    actsUnchanged: makesLegs,
    owesGrants: makesLegs,
    async afterwards(change) {
      const granted = makesLegs ? await deps.granter.grant(command, change) : change;
      return ended.length === 0 ? granted : deps.granter.renew(command, granted, ended);
    },
  };
  return command;
}

const placeTaken = (ended: Entry): Warning => ({
  code: 'share-extended',
  message: `It takes the place of ${entryNamed(ended)}, which would have ended at ${ended.expiresAt}.`,
});

const OF_BATCH: Warning = {
  code: 'never-matches',
  message:
    'BatchGetSecretValue works on no resource, so that no secret’s policy can grant it. Its caller needs ' +
    'secretsmanager:GetSecretValue on each secret (share that), and secretsmanager:BatchGetSecretValue on "*" in its own ' +
    'identity policy.',
};

/** For such a share KMS makes no grant (`notGrantable`). */
function assertGrantable(grantKey: boolean, { principal }: Subject): void {
  if (!grantKey || principal !== undefined) return;
  throw new DomainError('validation-failed', {
    why: 'KMS makes grants for single principals only.',
    errors: [{ path: '/grantKey', message: 'goes with principal only; complete: true makes what can be made' }],
  });
}

function expiryOf({ expiresAt }: Group, now: Date): string | undefined {
  if (expiresAt === undefined || Date.parse(String(expiresAt)) > now.getTime()) return texts(expiresAt)[0];
  throw new DomainError('validation-failed', {
    why: 'A share that has already expired would never let anybody read.',
    errors: [{ path: '/expiresAt', message: `must be in the future (now: ${now.toISOString()})` }],
  });
}

/** The AWS managed key never decrypts for another account (Secrets Manager User Guide, "Access from another account"). */
const isReadable = (secret: Secret, principalAccount: string | undefined): boolean =>
  secret.kmsKeyId !== null || principalAccount === secret.account;

function warningsOf(escalating: string[], unreadable: boolean): Warning[] {
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
  ];
}
