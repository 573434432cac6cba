/** How many shares fit one policy, packed and with one statement each: `node bench/packing.ts`. */
import { READ_ACTIONS } from '../src/policy/actions.ts';
import { MAX_POLICY_CHARACTERS } from '../src/policy/document.ts';
import { compile, EMPTY_POLICY, type PolicyView, policyText } from '../src/policy/entries/compile.ts';
import { sidOf } from '../src/policy/entries/entry.ts';
import { shareWithPrincipal } from '../src/policy/entries/templates/share-with-principal.ts';
import { printTable, type Row } from './table.ts';

const group = { actions: [...READ_ACTIONS] };
const sid = sidOf(shareWithPrincipal, group);
const forms: Record<string, (number: number) => string> = {
  'account shares': (number) => `arn:aws:iam::${100_000_000_000 + number}:root`,
  // 20 characters of name: `payments-service-123`.
  'role shares': (number) => `arn:aws:iam::${100_000_000_000 + number}:role/payments-service-${100 + (number % 900)}`,
};

const packed = (members: string[]): PolicyView => ({
  ...EMPTY_POLICY,
  items: [{ clause: { template: shareWithPrincipal, sid, group, members } }],
});
const naive = (members: string[]): PolicyView => ({
  ...EMPTY_POLICY,
  items: members.map((member) => ({ clause: { template: shareWithPrincipal, sid, group, members: [member] } })),
});

export function benchPacking(): Row[] {
  return Object.entries(forms).map(([what, principal]) => {
    const [together = 0, apart = 0] = [packed, naive].map((layout) => mostThatFit(layout, principal));
    const bar = what === 'account shares' ? 550 : 350;
    return {
      measure: `${what} that fit one policy`,
      ours: `${together}`,
      theirs: `${apart}`,
      ratio: together,
      bar,
      better: 'more',
    };
  });
}

if (import.meta.main) printTable(benchPacking());

function mostThatFit(layout: (members: string[]) => PolicyView, principal: (number: number) => string): number {
  const members: string[] = [];
  for (;;) {
    members.push(principal(members.length));
    const document = compile(layout(members));
    if (document === null || policyText(document).length > MAX_POLICY_CHARACTERS) return members.length - 1;
  }
}
