import type { KeyVerdict } from './judge-key.ts';
import type { KeyFinding } from './key-finding.ts';
import type { KeyView } from './view-key.ts';

/** A finding is of the key of now: what it is of versions that are under a former key is not known. */
export function ofAllVersions(view: KeyView, finding: KeyFinding, verdicts: readonly KeyVerdict[]): KeyFinding {
  const { former } = view;
  const { status, detail } = finding;
  if (former === undefined || status === 'unknown') return finding;
  const isLost = status === 'missing';
  if (isLost && isLostToWrite(view, verdicts)) return finding;
  if (former.why !== undefined) {
    return { ...finding, status: 'unknown', detail: `${detail} ${NOT_TOLD} ${former.why}` };
  }
  const versions = isLost ? former.open : former.left;
  if (versions.length === 0) return finding;
  const which = `${versions.join(', ')} ${isLost ? 'is' : 'is only'} under a former key of the secret (${former.keys.join(', ')})`;
  const what = isLost
    ? 'which may let the reader decrypt it'
    : 'which must let the reader too, until the value is written anew';
  return { ...finding, status: 'unknown', detail: `${detail} But ${which}, ${what}.` };
}

const NOT_TOLD = 'Whether every version of the secret is under this key is not known:';

/** New values are under the key of now: who may not encrypt by it lacks something, whatever the versions are under. */
function isLostToWrite(view: KeyView, verdicts: readonly KeyVerdict[]): boolean {
  if (!view.uses.asked.includes('kms:GenerateDataKey')) return false;
  if (view.is !== 'seen') return true;
  return verdicts.some(
    ({ use, decision }) => use === 'kms:GenerateDataKey' && decision !== 'allowed' && decision !== 'unknown',
  );
}
