import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Account, openAccount } from './accounts.ts';
import { makeBed } from './bed.ts';
import { cleanUp, refusals } from './clean-up.ts';
import { IN_BOTH, IN_THE_FIRST, inWords } from './permissions.ts';
import { report, tryFacts } from './run.ts';
import { errorsOf, opinionInWords, secondOpinion } from './second-opinion.ts';

const PLAN = `This tries every fact of docs/aws-facts.md on two accounts, and asks IAM Access Analyzer what it thinks of the policies that this
service writes.

It makes, and deletes again: about 40 secrets, two keys and some 20 roles in the account of --account-profile; a key and three roles in
that of --other-profile. All are named verify-aws… and tagged verify-aws; nothing else is touched.

Cost: under one US dollar (secrets and the key by the hour, some hundred calls). Keys wait seven days for their deletion, for nothing.

Permissions, in both accounts:
${inWords(IN_BOTH)}
In that of --account-profile also:
${inWords(IN_THE_FIRST)}
Use accounts for tests.

It takes some minutes: AWS is eventually consistent. Whatever ends it early: --clean deletes what it left.
`;

const USAGE = `npm run verify:aws -- --account-profile A --other-profile B [--yes] [--clean] [--region us-east-1]
  [--other-region eu-west-1] [--patience SECONDS (120)] [--report FILE]
`;

const { values } = parseArgs({
  options: {
    'account-profile': { type: 'string' },
    'other-profile': { type: 'string' },
    region: { type: 'string', default: 'us-east-1' },
    'other-region': { type: 'string', default: 'eu-west-1' },
    patience: { type: 'string', default: '120' },
    report: { type: 'string', default: 'verify-aws.md' },
    yes: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const { 'account-profile': first, 'other-profile': second, region, 'other-region': otherRegion } = values;
  if (first === undefined || second === undefined) throw new Error(`Which accounts?\n${USAGE}`);
  const owner = await openAccount(first, region);
  const other = await openAccount(second, region);
  try {
    if (owner.id === other.id) throw new Error('The two profiles are of one account; it takes two.');
    if (values.clean) return await clean([owner, other]);
    console.log(
      `${PLAN}\nAccounts: ${owner.id} (${owner.arn}), ${other.id} (${other.arn}); ${region}, ${otherRegion}.`,
    );
    if (!values.yes) throw new Error('Nothing was done. Say --yes to go on.');
    const run = randomBytes(4).toString('hex');
    await refuseWithoutCleaning([owner, other], run);
    await verify(owner, other, run, first);
  } finally {
    owner.close();
    other.close();
  }
}

async function clean(accounts: readonly Account[]): Promise<void> {
  for (const account of accounts) {
    for (const what of await cleanUp(account)) console.log(`${account.id}: deleted ${what}`);
  }
}

/** @throws Error before anything is made that could not be deleted again */
async function refuseWithoutCleaning(accounts: readonly Account[], run: string): Promise<void> {
  for (const account of accounts) {
    const refused = await refusals(account, run);
    if (refused.length > 0) throw new Error(`Could not clean up in ${account.id}:\n  ${refused.join('\n  ')}`);
  }
}

async function verify(owner: Account, other: Account, run: string, profile: string): Promise<void> {
  const { region, 'other-region': otherRegion } = values;
  const totalMs = Number(values.patience) * 1000;
  // Left to `finally`: what was made is deleted first.
  process.once('SIGINT', () => void clean([owner, other]).finally(() => process.exit(130)));
  try {
    const patience = { totalMs, pauseMs: Math.min(2000, totalMs / 60) };
    const bed = await makeBed(owner, other, { run, region, otherRegion, patience });
    const results = await tryFacts(bed, (line) => console.log(line));
    const about = `Accounts ${owner.id} and ${other.id}, ${region} and ${otherRegion}, ${new Date().toISOString()}.`;
    const opinion = await secondOpinion(profile, region);
    writeFileSync(values.report, `${report(results, about)}\n${opinionInWords(opinion)}\n`);
    const failed = results.filter(({ verdict }) => verdict === 'fails');
    for (const { fact, expected, seen } of failed) {
      console.log(`\nFAILS: ${fact}\n  expected: ${expected}\n  seen:     ${seen}`);
    }
    const count = (verdict: string) => results.filter((result) => result.verdict === verdict).length;
    console.log(`\n${opinionInWords(opinion)}`);
    console.log(`\n${count('holds')} hold, ${failed.length} fail, ${count('untried')} untried: ${values.report}`);
    if (failed.length + errorsOf(opinion).length > 0) process.exitCode = 1;
  } finally {
    await clean([owner, other]);
  }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
