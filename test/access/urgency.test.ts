import t from 'tap';
import { eachPlaceAtOnce } from '../../src/access/write/each-place.ts';
import { urgencyOf } from '../../src/access/write/urgency.ts';
import { gate } from '../wait.ts';

t.test('an incident goes first; what else takes access away is urgent, unless nobody waits for it', async (t) => {
  const urgency = (action: 'share' | 'deny' | 'revoke' | 'restrict' | 'freeze' | 'evict' | 'lift', background?: true) =>
    urgencyOf({ action, ...(background && { background }) });
  t.same(
    [urgency('deny'), urgency('revoke'), urgency('restrict'), urgency('share'), urgency('deny', true)],
    ['urgent', 'urgent', 'urgent', 'waited', 'background'],
  );
  t.same([urgency('freeze'), urgency('evict'), urgency('lift')], ['incident', 'incident', 'waited']);
});

t.test('a place that does not answer holds up its own secrets only', async (t) => {
  const arnIn = (region: string) => `arn:aws:secretsmanager:${region}:111111111111:secret:db-AbCdEf`;
  const [EAST, WEST] = [arnIn('us-east-1'), arnIn('eu-west-1')];
  const answered = gate();
  const done: string[] = [];
  const all = eachPlaceAtOnce(
    [EAST, EAST, WEST, WEST],
    (arn) => arn,
    async (arn) => {
      if (arn === EAST) await answered.passed;
      done.push(arn);
      if (done.length === 2) answered.open();
    },
  );
  await all;
  t.same(done, [WEST, WEST, EAST, EAST]);
});
