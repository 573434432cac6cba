import t from 'tap';
import { MAX_POLICY_CHARACTERS, statementsOf } from '../../src/policy/document.ts';
import { EMPTY_POLICY, type PolicyView, policyText } from '../../src/policy/entries/compile.ts';
import { entriesOf } from '../../src/policy/entries/edit.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { documentOf, overTheWire, share } from './views.ts';

const bars: [what: string, bar: number, principal: (number: number) => string][] = [
  ['accounts', 550, (number) => String(100_000_000_000 + number)],
  ['accounts by root ARN', 550, (number) => `arn:aws:iam::${100_000_000_000 + number}:root`],
  // 20 characters of name are typical; as many accounts as roles.
  ['roles', 370, (number) => `arn:aws:iam::${100_000_000_000 + number}:role/payments-service-${100 + number}`],
  ['users', 380, (number) => `arn:aws:iam::${100_000_000_000 + number}:user/firstname.lastn${100 + number}`],
  [
    'sessions',
    280,
    (number) => `arn:aws:sts::${100_000_000_000 + number}:assumed-role/payments-service/session-${100 + number}`,
  ],
];

for (const [what, bar, principal] of bars) {
  t.test(`one policy holds shares with ${bar} ${what}, and reads them all back`, async (t) => {
    let view: PolicyView = EMPTY_POLICY;
    for (let number = 0; number < bar; number += 1) view = share(view, { principal: principal(number) }).view;
    const document = documentOf(view);
    const { length } = policyText(document);
    t.ok(length <= MAX_POLICY_CHARACTERS, `${length} characters`);
    t.equal(statementsOf(document).length, 1);
    t.equal(new Set(entriesOf(view).map(({ id }) => id)).size, bar);
    t.strictSame(entriesOf(parse(overTheWire(document), 'aws')), entriesOf(view));
  });
}
