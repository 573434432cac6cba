import { parseArn } from '../../policy/arn.ts';
import type { AccessRequest } from '../../policy/evaluate/evaluation.ts';
import { allUses, type KeyUse } from '../../policy/key-use.ts';
import type { Leg } from '../write/change.ts';
import { judgeKey } from './judge-key.ts';
import { findingOf } from './key-finding.ts';
import { keyContext } from './key-request.ts';
import { keyStatement } from './key-statement.ts';
import type { Key } from './keys.ts';
import type { Reader } from './reader.ts';
import type { KeyView } from './view-key.ts';

export type KeyLeg = {
  leg: Leg;
  /** What the reader's identity policies must allow of the key too; none where they need not, or where none would help. */
  needs: readonly KeyNeed[];
};
/** `maybe`: AWS demands it, but may not ask for it. */
export type KeyNeed = {
  region: string;
  actions: readonly KeyUse[];
  resource: string;
  context: AccessRequest['context'];
  maybe: boolean;
};

/**
 * Whether the secret's key, in one Region, does for the reader what its actions take, as far as it is not up to the reader's
 * identity policies.
 */
export function keyLeg(view: KeyView, reader: Reader): KeyLeg {
  const { place } = view;
  const { status, detail, pastable = false, settlesAt } = findingOf(view, reader);
  const replica = replicaFault(view);
  const statement = pastable ? keyStatement(view, reader) : undefined;
  return {
    leg: {
      leg: 'keyPolicy',
      status: status === 'done' && replica !== null ? 'unknown' : status,
      account: keyOf(view)?.account ?? place.account,
      region: place.region,
      detail: replica === null ? detail : `${replica} ${detail}`,
      ...(statement && { statement }),
      ...(settlesAt && { settlesAt: settlesAt.toISOString() }),
    },
    needs: needsOf(view, reader),
  };
}

const keyOf = (view: KeyView): Key | undefined => ('key' in view ? view.key : undefined);

/** A replica that is not in sync may lack the value, or the Region all of it. */
function replicaFault({ place: { replica } }: KeyView): string | null {
  if (replica === null || replica.status === 'InSync') return null;
  const why = replica.statusMessage === null ? '' : `: ${replica.statusMessage.replace(/\.$/, '')}`;
  return `The replica is not in sync (${replica.status}${why}).`;
}

function needsOf(view: KeyView, reader: Reader): KeyNeed[] {
  const { asked, documented } = view.uses;
  const resource = keyOf(view)?.arn ?? (view.is === 'unseen' ? namedKey(view.place) : undefined);
  if (resource === undefined || view.is === 'disabled') return [];
  if (view.is === 'seen' && allUses(view.uses).every((use) => judgeKey(view, reader, use).byItself)) return [];
  const need = { region: view.place.region, resource, context: keyContext(view.place, reader, []) };
  return [
    { ...need, actions: asked, maybe: false },
    { ...need, actions: documented, maybe: true },
  ].filter(({ actions }) => actions.length > 0);
}

/** The ARN of a key that can't be looked at, where its name tells it. */
function namedKey({ kmsKeyId, partition, region, account }: KeyView['place']): string | undefined {
  if (kmsKeyId === null) return undefined;
  const arn = kmsKeyId.startsWith('arn:') ? kmsKeyId : `arn:${partition}:kms:${region}:${account}:key/${kmsKeyId}`;
  return parseArn(arn)?.resource.startsWith('key/') && !kmsKeyId.startsWith('alias/') ? arn : undefined;
}
