import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalPolicy, samePolicy } from '../../src/policy/canonical.ts';
import { compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { addEntry, entriesOf, foreignOf } from '../../src/policy/entries/edit.ts';
import { parametersOf } from '../../src/policy/entries/entry.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { accept, requestOf } from '../../src/policy/entries/request.ts';
import { templates } from '../../src/policy/entries/templates/index.ts';
import { foreignPolicies, partitions, requestsOf, requestsTo } from './arbitraries.ts';
import { awsNormalised } from './aws-normalised.ts';
import { holds } from './property.ts';
import { byId, documentOf, overTheWire, viewOf } from './views.ts';

for (const template of templates) {
  const cases = partitions.chain((partition) =>
    fc.tuple(fc.constant(partition), fc.array(requestsTo(template, partition), { minLength: 1, maxLength: 6 })),
  );
  holds(
    `parse is the inverse of compile: ${template.name}`,
    fc.property(cases, ([partition, requests]) => {
      const view = viewOf(requests, partition);
      const again = parse(overTheWire(documentOf(view)), partition);
      assert.deepEqual(entriesOf(again), entriesOf(view));
      assert.deepEqual(foreignOf(again), []);
      assert.ok(samePolicy(compile(again), compile(view)));
    }),
    40,
  );
}

const returnedPolicies = partitions.chain((partition) =>
  fc
    .tuple(foreignPolicies, fc.array(requestsOf(partition), { minLength: 1, maxLength: 10 }))
    .map(([foreign, requests]) => viewOf(requests, partition, parse(foreign, partition)))
    .chain((view) =>
      fc.record({
        partition: fc.constant(partition),
        view: fc.constant(view),
        returned: awsNormalised(documentOf(view), partition),
      }),
    ),
);

holds(
  'whatever AWS’s normalisation does to a policy, the same entries are read and the same policy is written',
  fc.property(returnedPolicies, ({ partition, view, returned }) => {
    const again = parse(overTheWire(returned), partition);
    assert.deepEqual(byId(entriesOf(again)), byId(entriesOf(view)));
    assert.ok(samePolicy(compile(again), compile(view)));
    assert.equal(canonicalPolicy(returned), canonicalPolicy(compile(view)));
  }),
  150,
);

holds(
  'foreign statements are read and written to the letter, in their order',
  fc.property(foreignPolicies, (document) => {
    const view = parse(document, 'aws');
    assert.deepEqual(foreignOf(view), document.Statement);
    assert.deepEqual(compile(view), document);
  }),
);

holds(
  'an entry is asked for again by its own request',
  fc.property(requestsOf('aws'), ({ template, parameters }) => {
    const { entry } = addEntry(EMPTY_POLICY, template, parameters, 'aws');
    // Requests for restrictions take no sessions (parse reads what is there).
    if (template.kind === 'restriction' && JSON.stringify(parameters).includes(':assumed-role/')) return;
    const again = accept(template.kind, requestOf(entry, template));
    assert.deepEqual(addEntry(EMPTY_POLICY, again.template, again.parameters, 'aws').entry, entry);
  }),
  60,
);

holds(
  'an entry’s own parameters make the same entry again',
  fc.property(requestsOf('aws'), ({ template, parameters }) => {
    const { entry } = addEntry(EMPTY_POLICY, template, parameters, 'aws');
    assert.deepEqual(addEntry(EMPTY_POLICY, template, parametersOf(entry, template), 'aws').entry, entry);
  }),
);
