import { parseArn } from '../../../policy/arn.ts';
import type { Budget, InTurns } from '../../../policy/evaluate/budget.ts';
import type { Decision } from '../../../policy/evaluate/evaluation.ts';
import type { Value } from '../../../policy/evaluate/text-set.ts';
import { not, type Truth } from '../../../policy/evaluate/truth.ts';
import { allUses } from '../../../policy/key-use.ts';
import type { Identity } from '../../identity.ts';
import type { Leg } from '../legs/leg.ts';
import type { Need } from '../legs/need.ts';
import type { Reader } from '../reader.ts';
import { judgeInTurns } from '../turns.ts';
import { MANAGED_KEY } from './former-keys.ts';
import { judgeKey, type KeyVerdict } from './judge-key.ts';
import { findingOf } from './key-finding.ts';
import { keyContext } from './key-request.ts';
import { keyStatement } from './key-statement.ts';
import type { Key } from './keys.ts';
import { ofAllVersions } from './version-finding.ts';
import type { KeyView } from './view-key.ts';

export type KeyLeg = {
  leg: Leg;
  /** What the reader's identity policies have a say in; nothing where none would help. */
  needs: readonly Need[];
};
/**
 * Whether the secret's key, in one Region, does for the reader what its actions take, as far as it is not up to the reader's
 * identity policies.
 */
export function* keyLeg(view: KeyView, reader: Reader, budget: Budget): InTurns<KeyLeg> {
  const { place } = view;
  const verdicts = view.is === 'seen' ? yield* judgeKey(view, reader, budget) : [];
  const finding = ofAllVersions(view, findingOf(view, reader, verdicts), verdicts);
  const { status, detail, pastable = false, settlesAt } = finding;
  const replica = replicaFault(view);
  const statement = pastable ? keyStatement(view, reader) : undefined;
  return {
    leg: {
      leg: 'keyPolicy',
      status: status === 'done' && replica !== null ? 'unknown' : status,
      account: keyOf(view)?.account ?? place.account,
      region: place.region,
      ...('key' in view && { asOf: (view.key.asOf ?? view.at).toISOString() }),
      detail: replica === null ? detail : `${replica} ${detail}`,
      ...(replica === null && usesApart(view, verdicts)),
      ...(statement && { statement }),
      ...(settlesAt && { settlesAt: settlesAt.toISOString() }),
    },
    needs: [
      ...needsOf(view, reader, verdicts),
      ...(status === 'unknown' || status === 'missing' ? formerNeeds(view, reader) : []),
    ],
  };
}

/** The same for somebody, in turn with all else. */
export const keyLegInTurns = (view: KeyView, reader: Reader, identity: Identity): Promise<KeyLeg> =>
  judgeInTurns(identity, (budget) => keyLeg(view, reader, budget));

/** Of several uses, where they are not decided alike: which are let, and which are not. */
function usesApart({ former }: KeyView, verdicts: readonly KeyVerdict[]): Pick<Leg, 'allows' | 'refuses'> {
  const some = (isSo: (decision: Decision) => boolean, isSure = true) =>
    verdicts.filter(({ use, decision }) => isSo(decision) && (isSure || use !== 'kms:Decrypt')).map(({ use }) => use);
  const isAllowed = (decision: Decision) => decision === 'allowed';
  if (some(isAllowed).length === verdicts.length) return {};
  return {
    allows: some(isAllowed, former === undefined || (former.why === undefined && former.left.length === 0)),
    refuses: some((decision) => decision !== 'allowed' && decision !== 'unknown', former === undefined),
  };
}

const keyOf = (view: KeyView): Key | undefined => ('key' in view ? view.key : undefined);

/** A replica that is not in sync may lack the value, or the Region all of it. */
function replicaFault({ place: { replica } }: KeyView): string | null {
  if (replica === null || replica.status === 'InSync') return null;
  const why = replica.statusMessage === null ? '' : `: ${replica.statusMessage.replace(/\.$/, '')}`;
  return `The replica is not in sync (${replica.status}${why}).`;
}

function needsOf(view: KeyView, reader: Reader, verdicts: readonly KeyVerdict[]): Need[] {
  const { place, uses } = view;
  const isOwn = reader.caller.account === place.account;
  const resource = keyOf(view)?.arn ?? unseenKey(view, isOwn);
  if (resource === undefined || view.is === 'disabled' || view.is === 'notNeeded') return [];
  const need = {
    ...{ region: place.region, resource, context: keyContext(view, reader, []) },
    ...(view.is === 'default' && { managedByAws: true }),
  };
  return allUses(uses).map((use) => {
    const verdict = verdicts.find((one) => one.use === use);
    return {
      ...need,
      actions: [use],
      allow: mustAllow(view, reader, verdict),
      byName: verdict?.byName ?? 'no',
      // What a version is decrypted by may be a former key.
      maybe: !uses.asked.includes(use) || (view.former !== undefined && use === 'kms:Decrypt'),
    };
  });
}

/** Of keys that versions were left under, which may let the reader in by themselves, or leave it to its policies. */
function formerNeeds(view: KeyView, reader: Reader): Need[] {
  const { place, former } = view;
  if (former === undefined) return [];
  const resources: Value[] =
    former.why === undefined
      ? former.keys.map((id) => namedKey({ ...place, kmsKeyId: id }))
      : [{ globs: [keyArn(place, '*')] }];
  return resources.map((resource) => ({
    ...{ region: place.region, resource, context: keyContext(view, reader, []) },
    ...{ actions: ['kms:Decrypt'], allow: 'unknown', byName: 'no', maybe: true },
  }));
}

/** Of its own account a key may let a reader in by itself: where its policy can't be seen, nobody knows. */
function mustAllow(view: KeyView, reader: Reader, verdict: KeyVerdict | undefined): Truth {
  if (view.is === 'default') return 'no';
  if (verdict !== undefined) return not(verdict.byItself);
  return reader.caller.account === keyAccount(view) ? 'unknown' : 'yes';
}

const keyAccount = (view: KeyView): string =>
  keyOf(view)?.account ?? parseArn(view.place.kmsKeyId ?? '')?.account ?? view.place.account;

/** The AWS managed key, of which only its own account's policies have a say, is one of the account's. */
function unseenKey({ is, place }: KeyView, isOwn: boolean): Value | undefined {
  if (is === 'unseen') return namedKey(place);
  return is === 'default' && isOwn ? { globs: [keyArn(place, '*')] } : undefined;
}

const keyArn = ({ partition, region, account }: KeyView['place'], id: string): string =>
  `arn:${partition}:kms:${region}:${account}:key/${id}`;

/** A key that can't be looked at: an alias does not tell which of the account's it is. */
function namedKey(place: KeyView['place']): Value {
  const name = place.kmsKeyId ?? '';
  const { account = place.account, resource = name } = parseArn(name) ?? {};
  if (resource.startsWith('alias/') || resource === MANAGED_KEY) return { globs: [keyArn({ ...place, account }, '*')] };
  return name.startsWith('arn:') ? name : keyArn(place, name);
}
