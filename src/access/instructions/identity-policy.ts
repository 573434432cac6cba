import { one, texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import { viaServices } from '../judge/key/key-request.ts';
import type { Leg } from '../judge/legs/leg.ts';
import { placesOf, type Secret } from '../secret.ts';
import type { Instructions } from './instructions.ts';

/** The statement of the identity leg; what it lets be done with keys, through Secrets Manager only. */
export function identityPolicyOf(secret: Secret, legs: readonly Leg[]): Instructions['identityPolicy'] {
  const statement = legs.find(({ leg }) => leg === 'identityPolicy')?.statement;
  if (statement === undefined) return null;
  const [actions, resources] = [texts(statement['Action']), texts(statement['Resource'])];
  const isOfKeys = (name: string) => /^kms:|^arn:[^:]+:kms:/.test(name);
  const keys = resources.filter(isOfKeys);
  const part = (some: (name: string) => boolean) => ({
    ...{ Effect: 'Allow', Action: actions.filter(some), Resource: one(resources.filter(some)) },
  });
  if (keys.length === 0 || !actions.some(isOfKeys)) return { Version: '2012-10-17', Statement: [statement] };
  const via = one([...new Set(placesOf(secret).flatMap(viaServices))]);
  const ofKeys = { ...part(isOfKeys), Condition: { StringLike: { 'kms:ViaService': via } } };
  return { Version: '2012-10-17', Statement: [part((name) => !isOfKeys(name)), ofKeys] };
}
