import { listed } from '../../../english.ts';
import { hangsOn, TOO_MUCH } from '../dependency.ts';
import type { Leg } from '../legs/leg.ts';
import type { Obstacle, OwnAnswer } from './judge-own-side.ts';
import { statementsIn } from './named-verdicts.ts';
import type { OwnPolicies } from './own-policies.ts';

/** What a reader's own policies, as its account has them, say of what reading takes; and what stands in the way. */
export function seenInWords(
  status: Leg['status'],
  { identity, boundary }: OwnPolicies,
  answers: readonly OwnAnswer[],
  isTooMuch: boolean,
): string {
  const both = boundary === null ? '' : ` and its permissions boundary ${boundary.name}`;
  if (status === 'done') return `Its identity policies${both} allow it.`;
  if (status === 'notNeeded') return `${NOT_NEEDED}, and its identity policies${both} do not stand against it.`;
  const obstacles = answers.flatMap((answer) => answer.obstacles.filter((obstacle) => obstacle.status === status));
  const alike = Map.groupBy(obstacles, ({ of, because }) => `${of} ${statementsIn(because)}`);
  const sentences = [...alike.values()].flatMap((same) => {
    const [first] = same;
    const actions = listed([...new Set(same.map(({ action }) => action))]);
    const whose = { identity: silentPolicies(identity.length), boundary: silentBoundary(boundary?.name ?? '') };
    return first === undefined ? [] : [sentence(first, actions, whose[first.of])];
  });
  return [...sentences, ...(isTooMuch && status === 'unknown' ? [`A policy’s ${TOO_MUCH}.`] : [])].join(' ');
}

const NOT_NEEDED = 'In the secret’s own account the secret’s policy is enough';

function sentence({ status, because }: Obstacle, actions: string, silent: string): string {
  if (because.length === 0) {
    return status === 'missing'
      ? `${silent} ${actions}.`
      : `${silent} ${actions}: whether AWS wants it here, its documents do not say for sure.`;
  }
  if (status === 'missing') return `Not allowed are ${actions}: denied by ${statementsIn(because)}.`;
  return `Whether it may ${actions} hangs on ${statementsIn(because)}. ${hangsOn(because).join(' ')}`.trimEnd();
}

const silentPolicies = (count: number): string => {
  if (count === 0) return 'It has no identity policy that allows';
  return count === 1 ? 'Its only identity policy does not allow' : `None of its ${count} identity policies allows`;
};

const silentBoundary = (name: string): string => `Its permissions boundary ${name} does not allow`;
