import assert from 'node:assert/strict';
import fc from 'fast-check';
import { samePolicy } from '../../src/policy/canonical.ts';
import { type Statement, statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY } from '../../src/policy/entries/compile.ts';
import { addEntry, entriesOf, foreignOf } from '../../src/policy/entries/edit.ts';
import { adopt, adoptable, withoutForeign } from '../../src/policy/entries/foreign.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { statementHash } from '../../src/policy/statement-name.ts';
import { foreignPolicies, requestsOf } from './arbitraries.ts';
import { holds } from './property.ts';
import { viewOf } from './views.ts';

const others = fc.array(requestsOf('aws'), { maxLength: 4 });

holds(
  'what a template renders, under another Sid, is adopted as the same entry, beside whatever there is',
  fc.property(others, requestsOf('aws'), (requests, { template, parameters }) => {
    const alone = addEntry(EMPTY_POLICY, template, parameters, 'aws');
    const rendered = statementsOf(compile(alone.view));
    const [first] = rendered;
    if (first === undefined || rendered.length > 1) return;
    const { Sid: _, ...theirs } = first;
    const clause = adoptable(theirs, { partition: 'aws', version: '2012-10-17' });
    assert.ok(clause);
    const ours = viewOf(requests, 'aws');
    const { view, entries } = adopt(ours, clause, 'aws');
    const expected = addEntry(ours, template, parameters, 'aws');
    assert.deepEqual(entries, [expected.entry]);
    assert.ok(samePolicy(compile(view), compile(expected.view)));
  }),
  60,
);

holds(
  'one statement of others goes, and nothing else',
  fc.property(foreignPolicies, others, fc.nat(), (document, requests, at) => {
    const view = viewOf(requests, 'aws', parse(document, 'aws'));
    const foreign = foreignOf(view);
    const gone: Statement | undefined = foreign[at % foreign.length];
    assert.ok(gone);
    const { view: left, statement } = withoutForeign(view, statementHash(gone));
    assert.ok(statement);
    assert.deepEqual(entriesOf(left), entriesOf(view));
    assert.deepEqual(
      foreignOf(left),
      foreign.filter((one) => one !== statement),
    );
  }),
  60,
);
