import type { Clock } from '../../../clock.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import { type Budget, type InTurns, isDue } from '../../../policy/evaluate/budget.ts';
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { GuardedOwnSide } from '../identity/guard-own-side.ts';
import { type OwnSide, UNSEEN } from '../identity/own-policies.ts';
import type { SecretVerdict } from '../judge-secret.ts';
import { type KeyLeg, keyLeg } from '../key/key-leg.ts';
import type { KeyLooks } from '../key/keys.ts';
import { viewKeys } from '../key/view-key.ts';
import type { Controls } from '../organization/controls.ts';
import type { ControlsViewer } from '../organization/view-controls.ts';
import type { Reader } from '../reader.ts';
import { identityLeg, secretNeeds } from './identity-leg.ts';
import type { Leg } from './leg.ts';
import { organizationLegs } from './organization-legs.ts';
import { secretLeg } from './secret-leg.ts';

/** What is known of a reader's account: its own policies, and the control policies that bind it. */
export type ReaderSide = { own: OwnSide; controls?: Controls };

/** Nothing of it is looked at. */
export const UNSEEN_SIDE: ReaderSide = { own: UNSEEN };

const AMONG_MANY = { is: 'unseen', why: 'It is not looked at among so many: an access check does.' } as const;
/** It could be looked at, and is not: each takes calls of AWS, which are few. */
export const NOT_LOOKED_AT: ReaderSide = { own: AMONG_MANY, controls: AMONG_MANY };

/**
 * Reading across accounts stands on three legs: the secret's policy, the key, and an identity policy in the reader's own
 * account (Secrets Manager User Guide, "Access from a different account"). We see the first, the second where the key
 * is in the secret's account, the third where that account lets us, and can else only print it. Where we may ask the organization, what
 * its control policies take away is told too.
 */
export type LegExaminer = {
  /**
   * Looks at the key once, for as many readers as there are. Never rejects: what can't be seen is `unknown`, and says why.
   * @param options.isRecorded for a change whose intent is in the audit log
   */
  lookAt(secret: Secret, actions: readonly string[], options?: { isRecorded?: boolean }): Promise<LegsOf>;
  /** What somebody may be told of a reader's account. Never rejects likewise. @param given its identity policies, where the asker tells them */
  sideOf(reader: Reader, toldTo: Identity, given?: readonly PolicyDocument[]): Promise<ReaderSide>;
  /** Whether anything of it is looked at. */
  looksAtReaders: boolean;
};

export type LegsOf = (verdict: SecretVerdict, side: ReaderSide, budget: Budget) => InTurns<Leg[]>;

/** What of the reader's side may be looked at; each left out where it may not. */
export type ReaderViewers = { ownSideOf?: GuardedOwnSide | undefined; controlsOf?: ControlsViewer | undefined };

export function createLegExaminer(
  keys: KeyLooks,
  clock: Clock,
  { ownSideOf, controlsOf }: ReaderViewers = {},
): LegExaminer {
  return {
    looksAtReaders: (ownSideOf ?? controlsOf) !== undefined,
    async sideOf(reader, toldTo, given) {
      const { account } = reader.caller;
      const [own, controls] = await Promise.all([
        given === undefined ? (ownSideOf?.(reader, toldTo) ?? UNSEEN) : ({ is: 'given', policies: given } as const),
        account === '' ? undefined : controlsOf?.(account),
      ]);
      return { own, ...(controls && { controls }) };
    },
    async lookAt(secret, actions, { isRecorded = false } = {}) {
      const [views, owner] = await Promise.all([
        viewKeys((isRecorded && keys.onRecord) || keys, secret, actions, clock()),
        controlsOf?.(secret.account),
      ]);
      return function* (verdict, { own, controls: reader }, budget) {
        const legs: KeyLeg[] = [];
        for (const view of views) legs.push(yield* keyLeg(view, verdict.left, budget));
        const needs = [...secretNeeds(verdict, actions), ...legs.flatMap(({ needs: ofKey }) => ofKey)];
        const identity = yield* identityLeg(actions, verdict, needs, { own, secret, budget });
        if (isDue(budget)) yield;
        return [
          secretLeg(secret, actions, verdict),
          ...legs.map(({ leg }) => leg),
          identity,
          ...(owner === undefined
            ? []
            : organizationLegs(secret, verdict, needs, { owner, reader, now: clock(), budget })),
        ];
      };
    },
  };
}
