import type { PolicyDocument } from '../../policy/document.ts';
import { allowsByItself, evaluateAccess } from '../../policy/evaluate/evaluate.ts';
import type { AccessRequest, Decision, StatementVerdict } from '../../policy/evaluate/evaluation.ts';
import type { Truth } from '../../policy/evaluate/truth.ts';
import type { KeyUse } from '../../policy/key-use.ts';
import { EVERYTHING } from './judge-policy.ts';
import { keyContext } from './key-request.ts';
import type { Reader } from './reader.ts';
import type { KeyView, SeenKey } from './view-key.ts';

/** What a key says to one use of it by a reader, whose identity policies are taken to allow. */
export type KeyVerdict = {
  use: KeyUse;
  decision: Decision;
  /** Whether it does so without them. */
  byItself: Truth;
  /** Whether it rests on grants that may not be known everywhere yet. */
  settling: boolean;
  /** The statements that decide, or may. */
  because: StatementVerdict[];
};

export function judgeKey({ place, key, rules, settled }: KeyView & SeenKey, reader: Reader, use: KeyUse): KeyVerdict {
  const request: AccessRequest = {
    caller: reader.caller,
    action: use,
    resource: key.arn,
    resourceAccount: key.account,
    context: keyContext(place, reader, [rules]),
    contextIs: 'partial',
  };
  const ask = (resourcePolicy: PolicyDocument, identityPolicies: readonly PolicyDocument[]) =>
    evaluateAccess({ request, resourcePolicy, identityPolicies });
  const { decision, because } = ask(rules, [EVERYTHING]);
  return {
    use,
    decision,
    byItself: allowsByItself(rules, request),
    settling: decision === 'allowed' && settled !== null && ask(settled, [EVERYTHING]).decision !== 'allowed',
    because: because.filter(({ source }) => source === 'resourcePolicy'),
  };
}
