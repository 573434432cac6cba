import type { Check } from './answers.ts';
import type { Bed } from './bed.ts';
import { checkClaims } from './check-claims.ts';
import { type Claim, type Common, callersOf, firstWrong, type Wrong } from './claims.ts';
import { denialsOf } from './denials.ts';
import { circumstancesOf } from './judge-world.ts';
import { makeChange } from './make-change.ts';
import { putPolicy, setUp } from './set-up.ts';
import { passesSecret, truthOf } from './truth.ts';
import { type Question, REGION, regionsOf, type World } from './world.ts';

/** Plays a world, and holds what the index says of its secret from its readers' side against real calls. */
export async function judgeEstate(bed: Bed, template: World): Promise<Claim[]> {
  const staged = setUp(bed, template);
  const { world, arns } = staged;
  const arn = arns[REGION] ?? '';
  const url = `/v1/secrets/${encodeURIComponent(arn)}`;
  const open = bed.aws.keptPolicy(arn);
  putPolicy(bed, arn, world.foreign);
  // Before our own changes: they must be in the index by themselves.
  await bed.lookAgain(arn).catch(shutOut);
  const before = bed.aws.keptPolicy(arn);
  for (const { list, body } of world.entries) await bed.ask('POST', `${url}/${list}`, body);
  if (world.change) await makeChange(bed, url, world.change, false);
  const after = bed.aws.keptPolicy(arn);

  const truth = truthOf(bed, staged, { open, before, after, ...denialsOf(after) });
  const circumstances = circumstancesOf(JSON.stringify([after, before]));
  const claims: Claim[] = [];
  for (const { principal, action } of world.questions) {
    const found = await lookUp(bed, arn, principal, action);
    if (found === 'unseen') continue;
    const question: Question = { principal, action, identitySeen: false, contextSeen: [] };
    const common = { world, truth, regions: regionsOf(world), circumstances };
    claims.push(...(found === 'notListed' ? notListed(common, question) : checkClaims(common, question, found)));
  }
  return claims.map((claim) => ({ ...claim, kind: `estate ${claim.kind}` }));
}

/** The service may be shut out of a secret: then nothing is said of it. */
function shutOut(error: unknown): void {
  if ((error as { code?: string }).code !== 'aws-access-denied') throw error;
}

/** What is not on the list may not be read, whatever identity policies say. A replica is a secret of its own there. */
function notListed({ world, truth }: Common, { principal, action }: Question): Claim[] {
  const reads: Wrong = (caller, of, region) =>
    passesSecret(truth.of(caller, { policy: 'after', action: of, region, identity: 'everything' })) ? 'it may' : null;
  const wrong = firstWrong(callersOf(world, principal), [action], [REGION], reads);
  return [{ kind: 'not listed', about: principal, wrong }];
}

/** What is said of this one secret. */
async function lookUp(
  bed: Bed,
  arn: string,
  principal: string,
  action: string,
): Promise<Check | 'notListed' | 'unseen'> {
  const seen = await bed.ask('GET', `/v1/estate/secrets?limit=1&cursor=${justBefore(arn)}`);
  const [listed] = seen.json['items'] as { arn: string; exposure: string | null }[];
  if (listed?.arn !== arn || listed.exposure === null) return 'unseen';
  const query = `limit=1&action=${action}&cursor=${justBefore(arn)}`;
  const { status, json } = await bed.ask('GET', `/v1/principals/${encodeURIComponent(principal)}/secrets?${query}`);
  if (status !== 200) return 'unseen';
  const [item] = json['items'] as (Check & { secret: { arn: string } })[];
  return item?.secret.arn === arn ? { ...item, principal } : 'notListed';
}

const justBefore = (arn: string): string => Buffer.from(arn.slice(0, -1)).toString('base64url');
