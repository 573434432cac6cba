import fc from 'fast-check';
import t from 'tap';
import type { CommandBase } from '../../src/access/commands/command.ts';
import type { KeyGranter } from '../../src/access/grants/key-granter.ts';
import { SYSTEM } from '../../src/access/identity.ts';
import { evictPrincipal } from '../../src/access/incidents/changes/evict-principal.ts';
import { freezeSecret } from '../../src/access/incidents/changes/freeze-secret.ts';
import { createIncidentHistory } from '../../src/access/incidents/changes/incident-history.ts';
import { liftIncident } from '../../src/access/incidents/changes/lift-incident.ts';
import type { IncidentDenial } from '../../src/access/incidents/incident.ts';
import { createHiddenEvictions } from '../../src/access/incidents/standing/hidden-evictions.ts';
import { createStandingIncidents } from '../../src/access/incidents/standing/standing-incidents.ts';
import { createIncidentTrust } from '../../src/access/incidents/trust.ts';
import type { ChangeCommand } from '../../src/access/write/change.ts';
import { draft, transition } from '../../src/access/write/record/change-recorder.ts';
import type { AuditEvent } from '../../src/audit/event.ts';
import { canonicalPolicy, samePolicy } from '../../src/policy/canonical.ts';
import { type PolicyDocument, statementsOf } from '../../src/policy/document.ts';
import { compile } from '../../src/policy/entries/compile.ts';
import { entriesOf } from '../../src/policy/entries/edit.ts';
import { isOver } from '../../src/policy/entries/entry.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { incidentSid, withIncident } from '../../src/policy/incident-statement.ts';
import { DomainError } from '../../src/problems/problem.ts';
import { SEAL } from '../command-key.ts';
import { foreignPolicies, principalsOf, requestsOf } from '../policy/arbitraries.ts';
import { viewOf } from '../policy/views.ts';
import { cases } from '../runs.ts';
import { PROD_SECRET } from './prod-secret.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const clock = () => NOW;
const granter: KeyGranter = {
  grant: async (_, change) => change,
  again: async (_, change) => change,
  renew: async (_, change) => change,
  revoke: async (_, change) => change,
};
const idOf = (n: number) => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`;
const baseOf = (n: number): CommandBase => ({
  ...{ changeId: idOf(n), requester: SYSTEM, secretId: PROD_SECRET.arn },
  ...{ reason: null, ticket: null, ifMatch: null, dryRun: false },
});

/** One secret: its policy, and the journal of what was done to it. */
function secretWith(start: PolicyDocument | null) {
  let document = start;
  let changes = 0;
  const next = (): CommandBase => {
    changes += 1;
    return baseOf(changes);
  };
  const events: AuditEvent[] = [];
  const history = createIncidentHistory({
    eventsOfChange: async (changeId) => events.filter((event) => event.changeId === changeId),
    async *stream() {
      yield* events.toReversed();
    },
  });
  function make(command: ChangeCommand): void {
    const before = document;
    document = compile(command.edit(parse(before, 'aws'), PROD_SECRET, [], []).view);
    const policy = transition({ before, after: document, missing: [], droppedDenials: [] });
    const said = draft(PROD_SECRET, command, 'outcome', { policy, outcome: 'applied' });
    const chained = { id: '', previousHash: '', hash: '', time: NOW.toISOString() };
    events.push({ ...said, ...chained, sequence: events.length + 1 });
  }
  return {
    policy: () => document,
    /** @returns its change id */
    begin(incident: string, denial: IncidentDenial): string {
      const base = next();
      make(
        denial.action === 'freeze'
          ? freezeSecret(base, { incident, except: denial.except }, { clock })
          : evictPrincipal(base, { incident, evicted: denial.evicted }, { granter, clock }),
      );
      return base.changeId;
    },
    async lift(incident: string, changeId: string, denial: IncidentDenial): Promise<void> {
      const lift = { incident, changeId, denial };
      make(await liftIncident(next(), lift, { incidents: history, granter, clock }));
    },
  };
}

const accounts = fc.constantFrom('111111111111', '222222222222', '333333333333');
const evicted = fc.oneof(
  accounts.map((account) => ({ account })),
  principalsOf('aws')
    .filter((name) => !/^\d{12}$|:root$/.test(name))
    .map((principal) => ({ principal })),
);
const denials: fc.Arbitrary<IncidentDenial> = fc.oneof(
  fc.array(principalsOf('aws'), { maxLength: 2 }).map((except) => ({ action: 'freeze' as const, except })),
  evicted.map((one) => ({ action: 'evict' as const, evicted: one })),
);
const policies = fc
  .tuple(fc.option(foreignPolicies), fc.array(requestsOf('aws'), { maxLength: 6 }))
  .map(([foreign, requests]) => compile(viewOf(requests, 'aws', parse(foreign, 'aws'))))
  .filter((policy) => entriesOf(parse(policy, 'aws')).every((entry) => !isOver(entry, NOW)));

t.test('with nothing else changed, lifts in any order leave the policy of before', async (t) => {
  const property = fc.asyncProperty(
    policies,
    fc.array(denials, { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fc.nat()),
    async (start, all, draws) => {
      const secret = secretWith(start);
      const waiting = all.map((denial, index) => ({ denial, incident: idOf(900 + index) }));
      const standing: ((typeof waiting)[number] & { changeId: string })[] = [];
      const drawn = <T>(some: T[]): T | undefined => some.splice((draws.next().value ?? 0) % some.length, 1)[0];
      while (waiting.length + standing.length > 0) {
        const begins = waiting.length > 0 && (standing.length === 0 || (draws.next().value ?? 0) % 2 === 0);
        const next = begins ? waiting.shift() : undefined;
        if (next === undefined) {
          const lifted = drawn(standing);
          if (lifted !== undefined) await secret.lift(lifted.incident, lifted.changeId, lifted.denial);
          continue;
        }
        try {
          standing.push({ ...next, changeId: secret.begin(next.incident, next.denial) });
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== 'policy-too-large') throw error;
        }
      }
      if (samePolicy(secret.policy(), start)) return;
      throw new Error(`${canonicalPolicy(secret.policy())} is not ${canonicalPolicy(start)}`);
    },
  );
  const parameters = cases(20, 3_000, 20_000);
  await fc.assert(property, parameters);
  t.pass(`in ${parameters.numRuns} cases`);
});

t.test('what somebody planted under the name of an incident does not stand in its place', async (t) => {
  const incident = idOf(1);
  const Sid = incidentSid(incident);
  const planted = { Sid, Effect: 'Allow', Principal: '*', Action: 'secretsmanager:*', Resource: '*' } as const;
  const start: PolicyDocument = { Version: '2012-10-17', Statement: [planted] };
  const secret = secretWith(start);
  const denial: IncidentDenial = { action: 'evict', evicted: { account: '222222222222' } };
  const changeId = secret.begin(incident, denial);
  t.match(statementsOf(secret.policy()), [
    { Effect: 'Deny', Condition: { StringEquals: { 'aws:PrincipalAccount': '222222222222' } } },
    { Effect: 'Deny', Condition: { StringEquals: { 'aws:SourceAccount': '222222222222' } } },
  ]);
  await secret.lift(incident, changeId, denial);
  t.equal(secret.policy(), null, 'nor does it come back');
});

t.test('a lift takes out what stands although the journal has nothing of it, and leaves what was edited', async (t) => {
  const incident = idOf(1);
  const denial: IncidentDenial = { action: 'freeze', except: [] };
  const known = secretWith(null);
  known.begin(incident, denial);
  const forgotten = secretWith(known.policy());
  await forgotten.lift(incident, idOf(7), denial);
  t.equal(forgotten.policy(), null);

  const edited = withIncident(parse(null, 'aws'), incident, [
    { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:*', Resource: '*' },
  ]);
  const other = secretWith(compile(edited));
  await t.rejects(other.lift(incident, idOf(7), denial), { code: 'policy-changed' });
});

t.test(
  'changes that come while a lift waits for a second person ask of one item, and once for all of them',
  async (t) => {
    const [incident, lift] = [idOf(1), idOf(2)];
    const order = { ...baseOf(1), id: incident, action: 'evict', dryRun: false, notAfter: '', seal: '' } as const;
    const item = (position: number, status: 'applied' | 'awaitingApproval') => ({
      ...{
        position,
        status,
        secretId: PROD_SECRET.arn,
        request: {},
        changeId: idOf(position),
        result: null,
        seal: null,
        statusSeal: null,
      },
    });
    let asked = 0;
    const standing = createStandingIncidents({
      store: {
        notYetLifted: async () => [
          {
            order: { ...order, incident: { id: incident, asked: { evict: { account: '222222222222' } } } },
            lifts: [{ order: { ...order, id: lift, action: 'lift' }, isFinished: true }],
          },
        ],
      },
      operations: {
        items: async () => ({
          items: [item(1, 'applied'), item(2, 'awaitingApproval'), item(3, 'awaitingApproval')],
          nextCursor: null,
        }),
      },
      ended: async () => {
        asked += 1;
        return null;
      },
      isGone: async () => false,
      trust: {
        begun: async ({ incident: of }) =>
          of?.asked ? { action: 'evict', incident: { ...of, asked: of.asked } } : null,
        lastLift: async (_, [last = null]) => last,
        isTrue: async () => true,
        secretOf: async () => null,
        missing: () => 0,
      },
      hidden: async () => [],
      partition: 'aws',
      clock,
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => standing()));
    t.ok(all.every(([one]) => one?.lifting === true));
    t.equal(asked, 1);
  },
);

t.test('what could not be put on record is as soon as it can, and once', async (t) => {
  let isAway = true;
  const refused: string[] = [];
  const trust = createIncidentTrust({
    seal: SEAL,
    ended: async () => null,
    events: { eventsOfChange: async () => [] },
    async refused({ id }) {
      if (isAway) throw new DomainError('audit-unavailable');
      refused.push(id);
    },
  });
  const order = { ...baseOf(1), id: idOf(1), action: 'evict', dryRun: false, notAfter: '', seal: '' } as const;
  await t.rejects(trust.begun(order), { code: 'audit-unavailable' });
  isAway = false;
  t.equal(await trust.begun(order), null);
  t.equal(await trust.begun(order), null);
  t.strictSame(refused, [order.id]);
});

t.test(
  'before the first look of all there is no answer which evictions are hidden, and one that failed is done again',
  async (t) => {
    let looks = 0;
    const hidden = createHiddenEvictions({
      trail: { async *stream() {} },
      events: { eventsOfChange: async () => [] },
      store: {
        async ids() {
          looks += 1;
          if (looks === 1) throw new DomainError('audit-unavailable');
          return new Set();
        },
      },
      refused: async () => {},
      partition: 'aws',
    });
    await t.rejects(hidden.current(), { code: 'audit-unavailable' });
    t.strictSame(await Promise.all([hidden.current(), hidden.current()]), [[], []]);
    t.strictSame(await hidden.current(), []);
    t.equal(looks, 2);
  },
);
