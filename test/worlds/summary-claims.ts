import { type Caller, OWNER } from './cast.ts';
import {
  type Claim,
  claim,
  deniedTheKey,
  firstWrong,
  lessExceptions,
  limitedOutcomes,
  limitsThatLeaveOut,
  othersOf,
  outcomes,
  type Subject,
  type Wrong,
} from './claims.ts';
import { REGION } from './world.ts';

const REGIONS = /\b[a-z]{2}(?:-[a-z]+)+-\d\b/g;

/**
 * What the sentence about a share says: that somebody may, once its own account allows it, and in which Regions; that it may
 * not; where a key does not let it decrypt. Other sentences tell the effect, which is compared by itself.
 */
export function summaryClaims(subject: Subject, summary: string): Claim[] {
  const { who, word, rest } = partsOf(summary);
  // What hangs on conditions that are not known is not said for certain.
  if (word === '' || /\bwhether /i.test(who) || rest.includes('where no condition')) return [];
  const [first = '', ...further] = rest.split(';');
  const callers = lessExceptions(subject.world, subject.callers, exceptedBy(summary));
  const conditional = subject.conditional === true || first.includes('(');
  const of: Subject = { ...subject, callers, conditional };
  if (callers.length === 0) return [];
  const named = first.match(REGIONS);
  const [lessThanAll, perhaps] = /but (perhaps )?not do all that is shared/.exec(first) ?? [];
  const reading = { ...of, actions: of.actions.filter((action) => action !== 'secretsmanager:PutSecretValue') };
  const may = {
    once: first.includes('once its own account allows it'),
    unless: first.includes('unless a permissions boundary'),
  };
  if (lessThanAll !== undefined) {
    return [
      mayClaim(reading, named ?? subject.regions, may),
      ...(perhaps === undefined ? [mayNotClaim({ ...of, regions: [REGION] })] : []),
      ...further.flatMap((part) => keyClaim(of, part) ?? []),
    ];
  }
  const main = word === 'may' ? mayClaim(of, named ?? subject.regions, may) : mayNotClaim(of);
  return [main, ...further.flatMap((part) => keyClaim(of, part) ?? [])];
}

/** Whom the sentence excepts. */
export const exceptedBy = (summary: string): { principal: string }[] =>
  (partsOf(summary).exceptions?.split(/, | and /) ?? []).map((principal) => ({ principal }));

function partsOf(summary: string) {
  const [, who = '', exceptions, word = '', rest = ''] =
    /^(.+?)(?:, but not (.+?),?)? (may not|may) (?:read|do .+? on) world-\d+(.*)$/.exec(summary) ?? [];
  return { who, exceptions, word, rest };
}

type May = { once: boolean; unless: boolean };

function mayClaim(subject: Subject, regions: readonly string[], { once, unless }: May): Claim {
  const works: Wrong = (caller, action, region) => {
    // Without more ado only what takes no identity policy, and no boundary or session policy keeps out.
    const limited = !once && !unless && limitsThatLeaveOut(subject.world, caller).length > 0;
    const found = (limited ? limitedOutcomes : outcomes)(subject, caller, action, region, once ? 'everything' : 'none');
    const enough = subject.conditional ? found.includes('works') : found.every((outcome) => outcome === 'works');
    return enough ? null : `refused (${found.join(', ')})`;
  };
  const said = `summary may${once ? ' once its own account allows it' : ''}`;
  return claim(subject, said, firstWrong(subject.callers, subject.actions, regions, works));
}

/** In no Region everything that is shared, where something of it is done at all: a replica takes no new value. */
function mayNotClaim(subject: Subject): Claim {
  const isDone = (region: string) =>
    region === REGION || subject.actions.some((action) => action !== 'secretsmanager:PutSecretValue');
  const all = (caller: Caller, region: string) =>
    isDone(region) &&
    firstWrong([caller], subject.actions, [region], (_, action) =>
      outcomes(subject, caller, action, region, 'everything').every((outcome) => outcome === 'works')
        ? null
        : 'refused',
    ) === null;
  const may = subject.callers.find(
    (caller) => caller.principal.account !== OWNER && subject.regions.some((region) => all(caller, region)),
  );
  return claim(subject, 'summary may not', may === undefined ? null : `${may.arn} may`);
}

function keyClaim(subject: Subject, part: string): Claim | undefined {
  if (!/key does not let it (de|en)crypt/.test(part)) return undefined;
  const [region = REGION] = part.match(REGIONS) ?? [];
  const uses: Wrong = (caller, action) => {
    const outcome = subject.truth.of(caller, { policy: 'open', action, region, identity: 'everything' });
    return outcome === 'works' ? null : outcome;
  };
  const denied = deniedTheKey(subject);
  const others = othersOf(subject).filter((caller) => !denied.includes(caller));
  const lets = others.find((caller) => firstWrong([caller], subject.actions, [region], uses) === null);
  return claim(
    subject,
    'summary the key does not let it',
    lets === undefined ? null : `${lets.arn} may use the key in ${region}`,
  );
}
