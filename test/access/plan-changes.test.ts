import t from 'tap';
import { ApprovalRequired } from '../../src/access/approvals/approval.ts';
import type { CommandBase } from '../../src/access/commands/command.ts';
import { denyPrincipal } from '../../src/access/commands/deny-principal.ts';
import { deletePolicy, replacePolicy } from '../../src/access/commands/replace-policy.ts';
import { SYSTEM } from '../../src/access/identity.ts';
import type { ChangeCommand } from '../../src/access/write/change.ts';
import { type Attached, planChanges } from '../../src/access/write/plan-changes.ts';
import { etagOf } from '../../src/policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { entriesOf } from '../../src/policy/entries/edit.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { isDue, isSpent, STEPS_IN_TURNS, spend } from '../../src/policy/evaluate/budget.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { PROD_SECRET } from './prod-secret.ts';

/** State and commands in; steps and refusals out. Nothing else is there. */

const [ANN, BOB] = ['arn:aws:iam::222222222222:user/Ann', 'arn:aws:iam::222222222222:user/Bob'];
const FOREIGN = {
  Effect: 'Allow',
  Principal: { AWS: '333333333333' },
  Action: 'secretsmanager:*',
  Resource: '*',
} as const;
const foreign = (more: object = {}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ ...FOREIGN, ...more }],
});

const base: CommandBase = {
  ...{ changeId: '01890a5d-ac96-774b-bcce-b302099a8057', requester: SYSTEM, secretId: 'prod/db' },
  ...{ reason: null, ticket: null, ifMatch: null, dryRun: false },
};
const deny = (principal: string, more: Partial<CommandBase> = {}) => denyPrincipal({ ...base, ...more }, { principal });
const put = (document: PolicyDocument, ifNoneMatch = false) => replacePolicy({ ...base, ifNoneMatch }, document);
const remove = () => deletePolicy(base);

const NOW = new Date('2026-01-01T00:00:00Z');
const nobody = () => null;
/** What a policy is after changes that nobody holds up. */
const after = async (...commands: ChangeCommand[]): Promise<PolicyDocument | null> => {
  const attached = { secret: PROD_SECRET, document: null, missing: [], droppedDenials: [], incidents: [] };
  const { steps } = await planChanges(attached, commands, { ask: nobody, now: NOW });
  return steps.at(-1)?.after ?? null;
};

type Row = {
  name: string;
  document?: PolicyDocument | null;
  missing?: Attached['missing'];
  commands: ChangeCommand[];
  ask?: (command: ChangeCommand) => string | null;
  /** Of each command that is a step: whether it changes the policy. */
  steps: boolean[];
  refusals?: string[];
  /** Whose denials the policy has at last. */
  denied?: string[];
};

const forbids = (forbidden: ChangeCommand) => (command: ChangeCommand) => {
  if (command === forbidden) throw new DomainError('forbidden', { action: 'deny', policies: [] });
  return null;
};
const security = () => 'security';
const first = deny(ANN);
const [annDenied, bothDenied] = [await after(deny(ANN)), await after(deny(ANN), deny(BOB))];

const ROWS: Row[] = [
  { name: 'no command is an empty plan', commands: [], steps: [] },
  { name: 'one on nothing', commands: [deny(ANN)], steps: [true], denied: [ANN] },
  { name: 'one after another', commands: [deny(ANN), deny(BOB)], steps: [true, true], denied: [ANN, BOB] },
  { name: 'the same again changes nothing', commands: [deny(ANN), deny(ANN)], steps: [true, false], denied: [ANN] },
  { name: 'what is so already changes nothing', document: annDenied, commands: [deny(ANN)], steps: [false] },
  { name: 'nothing is taken from nothing', commands: [remove()], steps: [false] },
  {
    name: 'one that a guardrail forbids is left out, and the next goes on without it',
    ...{ commands: [first, deny(BOB)], ask: forbids(first), steps: [true], refusals: ['forbidden'], denied: [BOB] },
  },
  {
    name: 'If-Match is held against what the commands before left',
    document: annDenied,
    commands: [
      deny(BOB, { ifMatch: etagOf(annDenied) }),
      deny(BOB, { ifMatch: etagOf(annDenied) }),
      deny(BOB, { ifMatch: etagOf(bothDenied) }),
    ],
    ...{ steps: [true, false], refusals: ['policy-changed'] },
  },
  {
    name: 'If-Match: * wants a policy',
    commands: [deny(ANN, { ifMatch: '*' })],
    steps: [],
    refusals: ['policy-changed'],
  },
  {
    name: 'If-None-Match: * wants none, and the second comes too late',
    ...{
      commands: [await put(foreign(), true), await put(foreign(), true)],
      steps: [true],
      refusals: ['policy-changed'],
    },
  },
  {
    name: 'what does not fit is refused, and what makes room is not',
    document: foreign({ Sid: 'a'.repeat(20_300) }),
    ...{ commands: [deny(ANN), remove(), deny(ANN)], steps: [true, true], refusals: ['policy-too-large'] },
  },
  {
    name: 'a change that somebody must approve waits, and the next does not see it',
    commands: [first, deny(BOB)],
    ask: (command) => (command === first ? 'security' : null),
    ...{ steps: [true], refusals: ['approval of security'], denied: [BOB] },
  },
  {
    name: 'what changes nothing needs nobody',
    document: annDenied,
    commands: [deny(ANN)],
    ask: security,
    steps: [false],
  },
  { name: 'a dry run waits for nobody', commands: [deny(ANN, { dryRun: true })], ask: security, steps: [true] },
];

const codeOf = (reason: unknown): string =>
  reason instanceof ApprovalRequired ? `approval of ${reason.group}` : (reason as DomainError).code;
const deniedBy = (document: PolicyDocument | null) =>
  entriesOf(parse(document, 'aws')).map(({ principal }) => principal);

for (const { name, document = null, missing = [], commands, ask = nobody, steps, refusals = [], denied } of ROWS) {
  t.test(name, async (t) => {
    const before = JSON.stringify(document);
    const plan = await planChanges(
      { secret: PROD_SECRET, document, missing, droppedDenials: [], incidents: [] },
      commands,
      {
        ask,
        now: NOW,
      },
    );
    t.strictSame(
      plan.steps.map(({ changed }) => changed),
      steps,
    );
    t.strictSame(
      plan.refusals.map(({ reason }) => codeOf(reason)),
      refusals,
    );
    const done = [...plan.steps, ...plan.refusals].map(({ command }) => command);
    t.equal(new Set(done).size, commands.length, 'every command is a step or a refusal');
    t.equal(JSON.stringify(document), before, 'what was given is not changed');
    for (const [index, step] of plan.steps.entries()) {
      const left = index === 0 ? document : plan.steps[index - 1]?.after;
      t.equal(step.before, left, 'each begins where the one before ended');
      if (!step.changed) t.equal(step.after, step.before);
    }
    if (denied !== undefined) t.strictSame(deniedBy(plan.steps.at(-1)?.after ?? null), denied);
  });
}

t.test('alike denials are packed into one statement, and statements of others stay to the letter', async (t) => {
  const { steps } = await planChanges(
    { secret: PROD_SECRET, document: foreign(), missing: [], droppedDenials: [], incidents: [] },
    [deny(ANN), deny(BOB)],
    { ask: nobody, now: NOW },
  );
  t.match(statementsOf(steps.at(-1)?.after ?? null), [FOREIGN, { Effect: 'Deny', Principal: { AWS: [ANN, BOB] } }]);
});

t.test(
  'entries that somebody dropped stay missing until they are there again, or a whole document replaces them',
  async (t) => {
    const missing = entriesOf(parse(bothDenied, 'aws'));
    const plan = async (...commands: ChangeCommand[]) => {
      const attached = { secret: PROD_SECRET, document: foreign(), missing, droppedDenials: [], incidents: [] };
      const { steps } = await planChanges(attached, commands, { ask: nobody, now: NOW });
      return steps.map((step) => step.missing.length);
    };
    t.strictSame(await plan(deny(ANN), deny(BOB)), [1, 0]);
    t.strictSame(await plan(await put(foreign({ Sid: 'Other' }))), [0]);
  },
);

t.test('a dry run of what somebody must approve says so', async (t) => {
  const { steps } = await planChanges(
    { secret: PROD_SECRET, document: null, missing: [], droppedDenials: [], incidents: [] },
    [deny(ANN, { dryRun: true })],
    { ask: security, now: NOW },
  );
  t.match(steps[0]?.warnings.at(-1), { code: 'approval-required' });
});

t.test('a batch is judged on one budget, so that nobody holds the lock of a secret for long', async (t) => {
  let taken = 0;
  const costly = (name: string): ChangeCommand => ({
    ...deny(`arn:aws:iam::222222222222:user/${name}`),
    warn: () =>
      function* (budget) {
        while (!isSpent(budget)) {
          taken += Math.min(50_000, budget.left);
          spend(budget, 50_000);
          if (isDue(budget)) yield;
        }
        return [];
      },
  });
  const commands = Array.from({ length: 12 }, (_, at) => costly(`U${at}`));
  const { steps } = await planChanges(
    { secret: PROD_SECRET, document: null, missing: [], droppedDenials: [], incidents: [] },
    commands,
    { ask: nobody, now: NOW },
  );
  t.equal(steps.length, 12, 'each is planned');
  t.ok(taken <= 4 * STEPS_IN_TURNS, `${taken} steps`);
});
