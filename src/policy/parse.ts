import { canonicalStatement } from './canonical.ts';
import { EMPTY_POLICY, type PolicyItem, type PolicyView, renderClause } from './compile.ts';
import { type PolicyDocument, type Statement, statementsOf } from './document.ts';
import { type Clause, isGroup, isMember, kindOfSid, OUR_SID, sidOf } from './entry.ts';
import { parsePrincipal } from './principal.ts';
import { templates } from './templates/index.ts';
import type { AnyTemplate, StatementBody } from './templates/template.ts';

/**
 * Reads a policy as AWS returns it. Statements under one of our Sids are ours only if a template reads them and renders
 * the same again: whatever was edited by hand is foreign, and left alone.
 * @param partition the secret's: account ids are of it
 */
export function parse(document: PolicyDocument | null, partition: string): PolicyView {
  if (document === null) return EMPTY_POLICY;
  const statements = statementsOf(document);
  const clauses = new Map(
    [...clusters(statements)].map(([sid, cluster]) => [sid, readClause(sid, cluster, partition)] as const),
  );
  const placed = new Set<string>();
  const items = statements.flatMap((statement): PolicyItem[] => {
    const sid = ourSid(statement);
    const clause = sid === undefined ? undefined : clauses.get(sid);
    if (sid === undefined || clause === undefined) return [{ foreign: statement }];
    if (placed.has(sid)) return [];
    placed.add(sid);
    return [{ clause }];
  });
  return { version: document.Version, id: document.Id, items };
}

const ourSid = (statement: Statement): string | undefined => OUR_SID.exec(statement.Sid ?? '')?.[1];

function clusters(statements: readonly Statement[]): Map<string, Statement[]> {
  const found = new Map<string, Statement[]>();
  for (const statement of statements) {
    const sid = ourSid(statement);
    if (sid !== undefined) found.set(sid, [...(found.get(sid) ?? []), statement]);
  }
  return found;
}

function readClause(sid: string, cluster: readonly Statement[], partition: string): Clause | undefined {
  const ordered = [...cluster].sort((a, b) => (String(a.Sid) < String(b.Sid) ? -1 : 1));
  const bodies = ordered.map(({ Sid: _, ...body }) => body);
  const candidates = templates.filter((template) => template.kind === kindOfSid(sid));
  for (const template of candidates) {
    const clause = readWith(template, sid, bodies, partition);
    if (clause !== undefined && rendersAs(clause, ordered)) return clause;
  }
  return undefined;
}

function readWith(
  template: AnyTemplate,
  sid: string,
  bodies: readonly StatementBody[],
  partition: string,
): Clause | undefined {
  const read = template.read(bodies);
  if (read === undefined) return undefined;
  const group = Object.fromEntries(
    Object.entries(read.group).map(([name, value]) => [
      name,
      Array.isArray(value) ? rootArns(value, partition) : value,
    ]),
  );
  if (sidOf(template, group) !== sid.replace(/N\d+$/, '')) return undefined;
  if (template.packs === null) return isGroup(template, group) ? { template, sid, group, members: [] } : undefined;
  const members = template.packs === 'principal' ? rootArns(read.members, partition) : [...read.members];
  const good = members.length > 0 && members.every((member) => isMember(template, group, member, partition));
  return good ? { template, sid, group, members } : undefined;
}

/** Sorted, with an account's id as its root ARN: the one form that normalise (entry.ts) gives. */
const rootArns = (values: readonly unknown[], partition: string): string[] =>
  [...new Set(values.map((value) => parsePrincipal(String(value), partition)?.arn ?? String(value)))].sort();

function rendersAs(clause: Clause, statements: readonly Statement[]): boolean {
  const rendered = renderClause(clause).map(canonicalStatement).sort();
  const found = statements.map(canonicalStatement).sort();
  return rendered.length === found.length && rendered.every((text, index) => text === found[index]);
}
