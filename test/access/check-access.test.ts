import t from 'tap';
import { build } from '../helper.ts';
import { CALLERS, cases, prepare, seedKeys, wholeTruth } from './cases.ts';

type Keyed = { key: string };
type Leg = { status: string };

t.test('decisions, reasons and legs are those of the table, and AWS enforces them', async (t) => {
  const service = await build(t);
  await seedKeys(service);
  for (const one of cases) {
    await t.test(one.name, async (t) => {
      const { path, arn } = await prepare(t, service, one);
      for (const { decision, because, dependsOn, exceptions, legs, ...question } of one.checks) {
        const { status, json, body } = await service.call('POST', `${path}/access-checks`, question);
        const name = JSON.stringify(question);
        t.equal(status, 200, body);
        t.equal(json.decision, decision, name);
        t.equal(json.dependsOn.length > 0, decision === 'unknown', `${name}: depends on something only if unknown`);
        if (dependsOn) t.same(json.dependsOn.map(({ key }: Keyed) => key).sort(), [...dependsOn].sort(), name);
        if (exceptions)
          t.same(
            json.exceptions.map(({ principal }: { principal: string }) => principal),
            exceptions,
            name,
          );
        if (because)
          t.same(
            json.because.map(({ Effect }: { Effect: string }) => Effect),
            because,
            name,
          );
        if (legs)
          t.same(
            json.legs.map(({ status }: Leg) => status),
            legs,
            name,
          );
      }
      for (const [caller, stage] of CALLS) {
        const known = await wholeTruth(service, path, caller, stage);
        const outcome = await service.readAs(caller.accessKeyId, arn, stage);
        t.equal(known.reads, outcome === 'read', `${caller.accessKeyId} ${stage}: ${known.why}`);
        t.ok(known.consistent, `${caller.accessKeyId}: what was said knowing less still holds: ${known.why}`);
      }
    });
  }
});

const CALLS = CALLERS.flatMap((caller) =>
  caller.accessKeyId === 'LOCALMARY'
    ? ([
        [caller, undefined],
        [caller, 'AWSCURRENT'],
      ] as const)
    : ([[caller, undefined]] as const),
);
