import type { Change, EffectItem } from './answers.ts';
import { CALLERS, type Caller, OWNER } from './cast.ts';
import { type Claim, callersOf, lessExceptions } from './claims.ts';
import type { Limit } from './limits.ts';
import { type Circumstances, passesSecret, type Truth } from './truth.ts';
import { type Action, REGION, type World } from './world.ts';

const ACTIONS: readonly Action[] = [
  'secretsmanager:GetSecretValue',
  'secretsmanager:DescribeSecret',
  'secretsmanager:PutSecretValue',
];

type Asked = {
  world: World;
  truth: Truth;
  answer: string;
  circumstances: readonly Circumstances[];
  regions: readonly string[];
};

/** Who gains, who loses: every item is so, and nobody is left out. `names` are the principals that documents name. */
export function effectClaims(asked: Asked, effect: NonNullable<Change['effect']>): Claim[] {
  const { answer } = asked;
  askAll(asked);
  return (['gains', 'loses'] as const).flatMap((way) => {
    const left = CALLERS.flatMap((caller) =>
      callsOf(asked).flatMap((call) =>
        (moves(asked, caller, call, way) || movesBounded(asked, caller, call, way)) &&
        !effect[way].some((item) => covers(asked.world, item, caller, call))
          ? [`${caller.arn} ${call.action.slice(15)} in ${call.region}: ${way} and is not named`]
          : [],
      ),
    );
    return [
      { kind: `${answer} effect ${way} nobody else`, about: way, wrong: left[0] ?? null },
      ...effect[way].flatMap((item) => itemClaims(asked, item, way)),
    ];
  });
}

/** All of one document, then all of the other: each question about another than the last changes the secret's policy. */
function askAll({ truth, regions }: Asked): void {
  for (const policy of ['before', 'after'] as const) {
    for (const caller of CALLERS) {
      for (const call of callsOf({ regions })) truth.of(caller, { ...call, policy, identity: 'everything' });
    }
  }
}

type Call = { action: Action; region: string };

/** What is done in each Region; a replica takes no new value. */
const callsOf = ({ regions }: Pick<Asked, 'regions'>): Call[] =>
  regions.flatMap((region) =>
    ACTIONS.filter((action) => region === REGION || action !== 'secretsmanager:PutSecretValue').map((action) => ({
      action,
      region,
    })),
  );

/** Whether an item is of a Region, now: of all where it names none. */
function isAbout({ conditions }: EffectItem, region: string): boolean {
  if (conditions.some((text) => text.startsWith('From '))) return false;
  const named = conditions.filter(isOfRegions);
  return named.length === 0 || named.some((text) => text.includes(region));
}
const isOfRegions = (text: string): boolean => /^In [a-z]/.test(text);

/**
 * In plain circumstances, and in all of them, with every identity policy: lets the one document and refuses the other.
 * A caller of the owner's account whom identity policies let in has nothing to gain from a document.
 */
function moves(
  { truth }: Asked,
  caller: Caller,
  { action, region }: Call,
  way: 'gains' | 'loses',
  circumstances: Circumstances = 'plain',
  under: readonly Limit[] = [],
): boolean {
  const passes = (policy: 'before' | 'after', identity: 'everything' | 'none') =>
    passesSecret(truth.of(caller, { policy, action, region, identity, circumstances, under }));
  const [from, to] = way === 'gains' ? (['before', 'after'] as const) : (['after', 'before'] as const);
  return !passes(from, 'everything') && passes(to, 'everything');
}

/** NotPrincipal excepts nobody who has a boundary, be it one that leaves out nothing. */
const movesBounded = (asked: Asked, caller: Caller, call: Call, way: 'gains' | 'loses'): boolean =>
  letsAll(asked.world, caller) && moves(asked, caller, call, way, 'plain', ['permissionsBoundary']);

const covers = (world: World, item: EffectItem, caller: Caller, { action, region }: Call): boolean => {
  const { principal, except, actions } = item;
  return (
    isAbout(item, region) &&
    (actions.includes(action) || actions.includes('secretsmanager:*')) &&
    lessExceptions(
      world,
      callersOf(world, principal),
      except.map((name) => ({ principal: name })),
    ).includes(caller)
  );
};

function itemClaims(asked: Asked, item: EffectItem, way: 'gains' | 'loses'): Claim[] {
  const { world, truth } = asked;
  const callers = lessExceptions(
    world,
    callersOf(world, item.principal),
    item.except.map((principal) => ({ principal })),
  );
  if (callers.length === 0) return [];
  const conditional = item.conditions.some((text) => !isOfRegions(text));
  const wrong = callers.flatMap((caller) =>
    callsOf(asked)
      .filter((call) => covers(world, item, caller, call))
      .flatMap((call) => {
        const moved = asked.circumstances.flatMap((one) => [
          moves(asked, caller, call, way, one),
          ...(letsAll(world, caller) ? [moves(asked, caller, call, way, one, ['permissionsBoundary'])] : []),
        ]);
        if (moved.every(Boolean)) return [];
        if (conditional) return [];
        // Without any identity policy a document may matter to the owner's account.
        if (caller.principal.account === OWNER && movesWithout(truth, caller, call, way)) return [];
        return [
          `${caller.arn} ${call.action.slice(15)} in ${call.region}: nothing ${way === 'gains' ? 'gained' : 'lost'}`,
        ];
      }),
  );
  return [{ kind: `${asked.answer} effect ${way} ${item.kind}`, about: item.principal, wrong: wrong[0] ?? null }];
}

/** Whether its boundary leaves out nothing. */
const letsAll = ({ boundaries }: World, { principal }: Caller): boolean =>
  boundaries[principal.arn]?.some(({ Action }) => Action === '*') === true;

function movesWithout(truth: Truth, caller: Caller, { action, region }: Call, way: 'gains' | 'loses'): boolean {
  const passes = (policy: 'before' | 'after') =>
    passesSecret(truth.of(caller, { policy, action, region, identity: 'none' }));
  return way === 'gains' ? !passes('before') && passes('after') : passes('before') && !passes('after');
}
