import type { Change } from './answers.ts';
import { SECRET_TAGS } from './cast.ts';
import {
  type Claim,
  type Common,
  callersOf,
  deniedTheKey,
  lessExceptions,
  principalOf,
  type Subject,
} from './claims.ts';
import { effectClaims } from './effect-claims.ts';
import { legClaims } from './leg-claims.ts';
import { exceptedBy, summaryClaims } from './summary-claims.ts';
import type { Action, World } from './world.ts';

const READ: readonly Action[] = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
const MEASURED: readonly Action[] = [...READ, 'secretsmanager:PutSecretValue'];

/** What a change and its dry run say: who gains and loses, and of a share its legs. */
export function changeClaims(common: Common & { answer: string }, asked: World['change'], change: Change): Claim[] {
  const effect = change.effect === undefined ? [] : effectClaims(common, change.effect);
  if (asked?.list !== 'shares') return effect;
  const { body } = asked;
  const principal = principalOf(body);
  const actions = (body['actions'] as readonly string[] | undefined) ?? READ;
  const matched = ((body['matchTags'] ?? []) as readonly string[]).map((key) => [key, SECRET_TAGS[key]] as const);
  const tags = { ...(body['principalTags'] as Record<string, string> | undefined), ...Object.fromEntries(matched) };
  const subject: Subject = {
    ...common,
    principal,
    callers: lessExceptions(common.world, callersOf(common.world, principal), change.exceptions).filter((caller) =>
      Object.entries(tags).every(([key, value]) => value !== undefined && caller.principal.tags[key] === value),
    ),
    actions: MEASURED.filter((action) => actions.includes(action) || actions.includes('secretsmanager:*')),
    identitySeen: false,
    conditional: ['versionStages', 'sourceVpcEndpoints', 'principalTags', 'matchTags'].some((name) => name in body),
  };
  // A grant is made by the change, not by its dry run.
  const granted = common.answer === 'dryRun' && body['grantKey'] === true;
  // Whom the secret's policy refuses, the other legs need not speak of; the summary names them.
  const excepted = exceptedBy(change.summary ?? '');
  const ofKey = [...excepted, ...deniedTheKey(subject).map(({ arn }) => ({ principal: arn }))];
  const legs = change.legs.map((leg) => ({
    ...leg,
    ...(granted && leg.leg === 'keyPolicy' ? { status: 'unknown' as const } : {}),
    ...(leg.leg === 'secretPolicy' ? {} : { exceptions: leg.leg === 'keyPolicy' ? ofKey : excepted }),
  }));
  // A dry run that would grant the key speaks of the key before the grant.
  const summary = granted ? [] : summaryClaims(subject, change.summary ?? '');
  return [...effect, ...legClaims(subject, legs), ...summary];
}
