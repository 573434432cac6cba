import { readFileSync } from 'node:fs';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { type Statement, statementsOf } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY, policyText } from '../../src/policy/entries/compile.ts';
import { addEntry, entriesOf } from '../../src/policy/entries/edit.ts';
import { parse } from '../../src/policy/entries/parse.ts';
import { presenceOf } from '../../src/policy/entries/presence.ts';
import { templates } from '../../src/policy/entries/templates/index.ts';
import type { AnyTemplate } from '../../src/policy/entries/templates/kinds/template.ts';
import { shareWithPrincipal } from '../../src/policy/entries/templates/share-with-principal.ts';
import { MARY, overTheWire, READ } from './views.ts';

/** What a request renders. The Sids and ids are pinned: another hash would make everything attached so far foreign. */
type Row = {
  name: string;
  template: string;
  partition?: string;
  parameters: Record<string, unknown>;
  id: string;
  statements: Statement[];
};
const rows: Row[] = JSON.parse(readFileSync(new URL('../cases/templates.json', import.meta.url), 'utf8'));

function templateOf(name: string): AnyTemplate {
  const template = templates.find((candidate) => candidate.name === name);
  if (template === undefined) throw new Error(`There is no template ${name}.`);
  return template;
}

for (const { name, template, partition = 'aws', parameters, id, statements } of rows) {
  t.test(`renders ${name} (${template})`, async (t) => {
    const { view, entry } = addEntry(EMPTY_POLICY, templateOf(template), parameters, partition);
    // As text: the order of the keys is a person's who reads it, the AWS guide's.
    t.equal(JSON.stringify(statementsOf(compile(view))), JSON.stringify(statements));
    t.equal(entry.id, id);
    t.equal(entry.sid, statements[0]?.Sid);
    t.not(view, EMPTY_POLICY);
    const stands = presenceOf([entry]);
    t.ok(stands(compile(view)).has(id), 'and is found in the document without reading it');
    t.notOk(stands(null).has(id));
  });
}

t.test('every template has a row in the table', async (t) => {
  t.strictSame([...new Set(rows.map(({ template }) => template))].sort(), templates.map(({ name }) => name).sort());
});

t.test('the AWS guide’s share and explicit deny come out of one call each, with only a Sid added', async (t) => {
  const guide = [
    ['share-with-principal', 'secretsmanager:*', 'Allow'],
    ['deny-principal', 'secretsmanager:GetSecretValue', 'Deny'],
  ] as const;
  for (const [template, action, effect] of guide) {
    const parameters = { principal: MARY, actions: [action] };
    const { view, entry } = addEntry(EMPTY_POLICY, templateOf(template), parameters, 'aws');
    t.equal(
      JSON.stringify(compile(view)),
      `{"Version":"2012-10-17","Statement":[{"Sid":"${entry.sid}","Effect":"${effect}","Action":"${action}",` +
        `"Principal":{"AWS":"${MARY}"},"Resource":"*"}]}`,
    );
  }
});

t.test('names are unique, and Sids are letters and digits only', async (t) => {
  t.equal(new Set(templates.map(({ name }) => name)).size, templates.length);
  const sids = rows.flatMap(({ statements }) => statements.map(({ Sid }) => String(Sid)));
  for (const sid of sids) t.match(sid, /^[A-Za-z0-9]{1,64}$/);
});

for (const template of templates) {
  const { name, example, parameters: schema } = template;
  const add = (parameters: Record<string, unknown>) => addEntry(EMPTY_POLICY, template, parameters, 'aws');

  t.test(`${name}: the example is valid, renders, and is read back`, async (t) => {
    t.ok(Compile(schema).Check(example));
    const { view, entry } = add(example);
    const document = compile(view);
    if (document === null) throw new Error('It rendered nothing.');
    t.ok(policyText(document).length > 0);
    t.equal(entry.kind, template.kind);
    t.strictSame(entriesOf(parse(overTheWire(document), 'aws')), [entry]);
    for (const { Sid } of statementsOf(document)) t.match(Sid, /^(Share|Deny|Restrict)[0-9a-f]{16}(P[2-9])?$/);
  });

  t.test(`${name}: every parameter is described, and no other is taken`, async (t) => {
    for (const [parameter, { description }] of Object.entries(schema.properties) as [
      string,
      { description?: string },
    ][]) {
      t.ok(description, parameter);
    }
    for (const unknown of ['denny', 'Sid', 'constructor', '__proto__']) {
      const parameters = JSON.parse(`{"${unknown}":{"a":"b"},${JSON.stringify(example).slice(1)}`);
      t.throws(() => add(parameters), { code: 'validation-failed' }, unknown);
    }
    t.throws(() => add({}), { code: 'validation-failed' }, 'none at all');
  });

  t.test(`${name}: a refusal says where`, async (t) => {
    for (const parameter of Object.keys(example)) {
      try {
        add({ ...example, [parameter]: 7 });
        t.fail('7 was taken');
      } catch (error) {
        t.match(error, { code: 'validation-failed', facts: { errors: [{ path: `/${parameter}`, message: String }] } });
      }
    }
  });
}

const refusals: [what: string, parameters: Record<string, unknown>][] = [
  ['stages without GetSecretValue', { actions: ['secretsmanager:DescribeSecret'], versionStages: ['AWSCURRENT'] }],
  ['stages with every action', { actions: ['secretsmanager:*'], versionStages: ['AWSCURRENT'] }],
  ['stages with every action besides', { actions: ['secretsmanager:*', ...READ], versionStages: ['AWSCURRENT'] }],
  ['a policy variable for a stage', { versionStages: [`\${aws:username}`] }],
  ['a policy variable for a tag’s value', { principalTags: { team: `x\n\${aws:PrincipalTag/team}` } }],
  ['a tag key with a wildcard', { principalTags: { 'team*': 'payments' } }],
  ['a tag key with a policy variable', { principalTags: { [`\${aws:username}`]: 'payments' } }],
  ['a tag key with a space', { principalTags: { 'cost centre': 'payments' } }],
  ['no tag', { principalTags: {} }],
  ['an action of another service', { actions: ['kms:Decrypt'] }],
  ['an action with a wildcard', { actions: ['secretsmanager:Get*'] }],
  ['no action', { actions: [] }],
  ['a VPC for an endpoint', { sourceVpcEndpoints: ['vpc-11111111'] }],
  ['an instant without an offset', { expiresAt: '2030-01-01T00:00:00' }],
  ['a day that is none', { expiresAt: '2030-02-30T00:00:00Z' }],
  ['a leap second', { expiresAt: '2030-12-31T23:59:60Z' }],
  ['an instant after the year 9999', { expiresAt: '9999-12-31T23:59:59-23:59' }],
  ['an instant before the year 0', { expiresAt: '0000-01-01T00:00:00+23:59' }],
];
for (const [what, parameters] of refusals) {
  t.test(`a share refuses ${what}`, async (t) => {
    t.throws(
      () => addEntry(EMPTY_POLICY, shareWithPrincipal, { principal: MARY, actions: READ, ...parameters }, 'aws'),
      {
        code: 'validation-failed',
      },
    );
  });
}
