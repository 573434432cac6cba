import type { Change, Check, Readers } from './answers.ts';
import type { Answer, Bed } from './bed.ts';
import { changeClaims } from './change-claims.ts';
import { checkBody, checkClaims } from './check-claims.ts';
import { type Claim, type Common, callersOf } from './claims.ts';
import { denialsOf } from './denials.ts';
import { limitClaims } from './limit-claims.ts';
import { makeChange } from './make-change.ts';
import { readerClaims } from './reader-claims.ts';
import { secondJudge } from './second-judge.ts';
import { putPolicy, setUp } from './set-up.ts';
import { type Circumstances, truthOf } from './truth.ts';
import { type Question, REGION, regionsOf, type World } from './world.ts';

/** Plays a world: sets it up, asks the service everything, and holds every definite word of it against real calls. */
export async function judgeWorld(bed: Bed, template: World): Promise<Claim[]> {
  const staged = setUp(bed, template);
  const { world, arns } = staged;
  const arn = arns[REGION] ?? '';
  const url = `/v1/secrets/${encodeURIComponent(arn)}`;
  const open = bed.aws.keptPolicy(arn);
  putPolicy(bed, arn, world.foreign);
  for (const { list, body } of world.entries) await bed.ask('POST', `${url}/${list}`, body);

  const before = bed.aws.keptPolicy(arn);
  const change = world.change;
  const dryRun = change && (await makeChange(bed, url, change, true));
  const done = change && (await makeChange(bed, url, change, false));
  const after = bed.aws.keptPolicy(arn);
  const [readers, ...checks] = await Promise.all([
    bed.ask('GET', `${url}/readers?limit=1000`),
    ...world.questions.map((question) => bed.ask('POST', `${url}/access-checks`, checkBody(bed, staged, question))),
  ]);

  const truth = truthOf(bed, staged, { open, before, after, ...denialsOf(after) });
  const circumstances = [
    ...circumstancesOf(JSON.stringify([after, before])),
    ...(world.former?.written ? (['previous'] as const) : []),
  ];
  const common = { world, truth, regions: regionsOf(world), circumstances };
  const claims: Claim[] = [...[dryRun, done, readers, ...checks].flatMap((answer) => failureClaim(answer) ?? [])];
  if (change && dryRun && done && done.status < 300) {
    // Both before: what the dry run says is of what is so after the change.
    for (const [answer, { status, json }] of [
      ['dryRun', dryRun],
      ['change', done],
    ] as const) {
      if (status < 300) claims.push(...changeClaims({ ...common, answer }, change, json as unknown as Change));
    }
  }
  if (readers?.status === 200) claims.push(...readerClaims(common, readers.json as unknown as Readers));
  for (const [index, question] of world.questions.entries()) {
    const { status, json } = checks[index] ?? {};
    if (status === 200) claims.push(...checkClaims(common, question, json as unknown as Check));
  }
  claims.push(...limitClaims(common, world.questions));
  claims.push(...(await sdkClaims(common, world.questions)));
  claims.push(...(await secondJudge(bed, staged, truth, after)));
  return claims;
}

/** Whoever is shut out by the secret's policy or a key is told so; nothing else fails on our side. */
function failureClaim(answer: Answer | null | undefined): Claim | undefined {
  if (!answer || answer.status < 500 || answer.json['code'] === 'aws-access-denied') return undefined;
  return { kind: 'failure', about: String(answer.status), wrong: JSON.stringify(answer.json) };
}

/** Calls without HTTP get what those through the SDK get. */
async function sdkClaims({ world, truth, regions }: Common, questions: readonly Question[]): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const [index, { principal, action }] of questions.entries()) {
    const [caller] = callersOf(world, principal);
    const region = regions[action === 'secretsmanager:PutSecretValue' ? 0 : index] ?? REGION;
    if (caller === undefined) continue;
    const question = { policy: 'after', action, region, identity: 'own' } as const;
    const sent = await truth.throughSdk(caller, question);
    const called = truth.of(caller, question);
    const wrong = sent === called ? null : `without HTTP: ${called}`;
    claims.push({ kind: `through the SDK ${sent}`, about: caller.arn, wrong });
  }
  return claims;
}

export function circumstancesOf(policies: string): Circumstances[] {
  return [
    'plain',
    ...(/VersionStage/i.test(policies) ? (['stage'] as const) : []),
    ...(/SourceVpc|SourceIp/i.test(policies) ? (['endpoint', 'internet'] as const) : []),
  ];
}
