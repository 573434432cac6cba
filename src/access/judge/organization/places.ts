import type { GivenContext } from '../judged-call.ts';
import { type Need, resourceOf } from '../legs/need.ts';
import type { Controls } from './controls.ts';

/** Which control policies bind the secret's account, and the reader's: undefined where it is of no one account. */
export type BothControls = { owner: Controls; reader: Controls | undefined };

/** What an organization tells of a call: where its caller stands, and where the owner of its resource, if that is `account`. */
export function withPlaces(needs: readonly Need[], account: string, { owner, reader }: BothControls): Need[] {
  const caller = reader === undefined ? {} : placeOf(reader, 'Principal');
  const resource = placeOf(owner, 'Resource');
  return needs.map((need) => ({
    ...need,
    context: { ...caller, ...(resourceOf(need)?.account === account && resource), ...need.context },
  }));
}

function placeOf(controls: Controls, of: 'Principal' | 'Resource'): GivenContext {
  if (controls.is === 'unseen') return {};
  const { organization } = controls;
  if (controls.is === 'seen') {
    return { [`aws:${of}OrgID`]: organization, [`aws:${of}OrgPaths`]: [controls.path] };
  }
  return { [`aws:${of}OrgID`]: { globs: ['o-*'], except: [organization], maybeAbsent: true } };
}
