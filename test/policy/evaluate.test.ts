import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { evaluateAccess, evaluateStatements } from '../../src/policy/evaluate/evaluate.ts';
import type { JudgedCall, StatementVerdict } from '../../src/policy/evaluate/evaluation.ts';
import { type CallerName, callers } from './callers.ts';

type Row = {
  name: string;
  caller?: CallerName;
  action?: string;
  resource?: string;
  context?: JudgedCall['context'];
  contextIs?: JudgedCall['contextIs'];
};

/** One statement; what it does not say is filled in so that the rest of it applies to every call. */
type StatementRow = Row & {
  statement: Partial<Statement>;
  without?: (keyof Statement)[];
  source?: StatementVerdict['source'];
  version?: PolicyDocument['Version'] | null;
  applies: 'yes' | 'no' | 'unknown';
  dependsOn?: string[];
};

/** The statements of both sides (Action and Resource are `*` unless they say so), and the Sids of those that decide. */
type DecisionRow = Row & {
  resourcePolicy: Statement[] | null;
  identityPolicy: Statement[] | 'unknown';
  decision: string;
  because: string[];
  needsIdentityPolicy?: boolean;
};

type Table = { subject: string; without?: (keyof Statement)[]; action?: string } & (
  | { kind: 'statement'; cases: StatementRow[] }
  | { kind: 'decision'; cases: DecisionRow[] }
);

const requestOf = (row: Row): JudgedCall => ({
  caller: callers[row.caller ?? 'mary'],
  action: row.action ?? 'secretsmanager:GetSecretValue',
  resource: row.resource ?? 'arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf',
  resourceAccount: '111111111111',
  context: row.context ?? {},
  contextIs: row.contextIs ?? 'complete',
});

function statementOf({ statement, without = [] }: StatementRow): Statement {
  const filled: Statement = {
    Effect: 'Deny',
    ...(statement.NotPrincipal === undefined && { Principal: '*' as const }),
    ...(statement.NotAction === undefined && { Action: '*' }),
    ...(statement.NotResource === undefined && { Resource: '*' }),
    ...statement,
  };
  for (const element of without) delete filled[element];
  return filled;
}

function documentOf(statements: Statement[], version: PolicyDocument['Version'] | null = '2012-10-17'): PolicyDocument {
  return version === null ? { Statement: statements } : { Version: version, Statement: statements };
}

const withDefaults = (statement: Statement): Statement => ({ Action: '*', Resource: '*', ...statement });

for (const file of globSync('test/cases/evaluate-*.json').toSorted()) {
  const table = JSON.parse(readFileSync(file, 'utf8')) as Table;
  t.test(table.subject, async (t) => {
    t.ok(table.cases.length > 10, `${file} has rows`);
    t.equal(new Set(table.cases.map(({ name }) => name)).size, table.cases.length, 'every row states its own rule');
    if (table.kind === 'statement') {
      for (const row of table.cases) {
        const document = documentOf([statementOf({ without: table.without ?? [], ...row })], row.version);
        const [verdict] = evaluateStatements(document, requestOf({ ...table, ...row }), row.source ?? 'resourcePolicy');
        t.equal(verdict?.applies ?? 'no', row.applies, row.name);
        t.same(verdict?.dependsOn ?? [], row.dependsOn ?? [], `${row.name}: depends on`);
      }
    } else {
      for (const row of table.cases) {
        const evaluation = evaluateAccess({
          request: requestOf(row),
          resourcePolicy: row.resourcePolicy && documentOf(row.resourcePolicy.map(withDefaults)),
          identityPolicies:
            row.identityPolicy === 'unknown' ? 'unknown' : [documentOf(row.identityPolicy.map(withDefaults))],
        });
        t.equal(evaluation.decision, row.decision, row.name);
        const because = evaluation.because.map(({ statement }) => statement.Sid);
        t.same(because, row.because, `${row.name}: because`);
        t.equal(evaluation.needsIdentityPolicy, row.needsIdentityPolicy ?? false, `${row.name}: needs identity policy`);
      }
    }
  });
}
