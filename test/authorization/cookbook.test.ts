import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import t from 'tap';
import {
  type AuthorizationDecision,
  type AuthorizationRequest,
  type GuardedAction,
  guardedActions,
} from '../../src/access/guard/authorizer.ts';
import { createAuthorizer, DEFAULT_POLICIES } from '../../src/authorization/authorizer.ts';
import { request } from './request.ts';

/** Reads docs/guardrails.md and does what it says: no example there without a test. */
const [, ...sections] = readFileSync('docs/guardrails.md', 'utf8').split(/^## (?=\d+\. )/m);
t.equal(sections.length, 10, 'ten examples');

for (const section of sections) {
  const title = section.slice(0, section.indexOf('\n'));
  t.test(title, async (t) => {
    const [, file, policy] = /^```cedar (\S+\.cedar)\n(.*?)^```$/ms.exec(section) ?? [];
    if (file === undefined || policy === undefined) throw new Error('an example needs a Cedar block with a file name');
    const directory = t.testdir({});
    cpSync(DEFAULT_POLICIES, directory, { recursive: true });
    writeFileSync(join(directory, file), policy);
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const authorizer = createAuthorizer({ directory, log });
    t.teardown(() => authorizer.close());
    t.strictSame(warnings, []);

    const rows = [...section.matchAll(/^\| (?!caller )([^|]+)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
    t.ok(rows.length >= 4, 'a table of requests');
    t.equal(section.match(/^\|/gm)?.length, rows.length + 2, 'each row of it is read');
    const seen = new Set<string>();
    for (const [line, ...cells] of rows) {
      const [caller = '', action = '', secret = '', context = '', decision = ''] = cells.map((cell) => cell.trim());
      t.equal(inWords(authorizer.decide(readRow(caller, action, secret, context))), decision, line);
      seen.add(decision.replace(/:.*/, ''));
    }
    t.ok(seen.size >= 2, 'the table shows both sides');
  });
}

function readRow(caller: string, action: string, secret: string, context: string): AuthorizationRequest {
  const [, subject, groups, scopes] = /^(\w+)(?: in (\S+))?(?: with (\S+))?$/.exec(caller) ?? [];
  if (subject === undefined) throw new Error(`no caller: ${caller}`);
  const [name, ...tags] = secret.split(' ');
  return request({
    identity: {
      subject,
      ...(groups !== undefined && { groups: groups.split(',') }),
      ...(scopes !== undefined && { scopes: scopes.split(',') }),
    },
    action: oneOf(guardedActions, action),
    secret: name ? { name, tags: Object.fromEntries(tags.map(pair)) } : null,
    context: Object.fromEntries(context.split(' ').filter(Boolean).map(contextEntry)),
  });
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `hasReason` stands for true; the schema refuses a name that does not exist. */
function contextEntry(text: string): [string, unknown] {
  if (!text.includes('=')) return [text, true];
  const [key, value] = pair(text);
  if (key === 'lifetimeSeconds') return [key, Number(value)];
  return [key, key === 'actions' || key === 'conditionKeys' ? value.split(',') : value];
}

function oneOf(choices: readonly GuardedAction[], text: string): GuardedAction {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Error(`no action: ${text}`);
  return found;
}

function inWords(decision: AuthorizationDecision): string {
  if (!decision.allowed) return `forbid${decision.policies.length > 0 ? ': ' : ''}${decision.policies.join(', ')}`;
  return decision.approval === null ? 'permit' : `approval: ${decision.approval}`;
}
