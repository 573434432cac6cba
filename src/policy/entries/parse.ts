import { canonicalStatement } from '../canonical.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../document.ts';
import { perDocument } from '../per-document.ts';
import { isUniqueId, parsePrincipal } from '../principals/principal.ts';
import {
  EMPTY_POLICY,
  hasVariables,
  type PolicyItem,
  type PolicyView,
  renderClause,
  VERSION_OF_VARIABLES,
} from './compile.ts';
import { baseSid, type Clause, kindOfSid, OUR_SID, sidOf } from './entry.ts';
import { isNormal } from './normalise.ts';
import { templatesOf } from './request.ts';
import { templates } from './templates/index.ts';
import type { AnyTemplate, StatementBody } from './templates/kinds/template.ts';

/**
 * Reads a policy as AWS returns it. Statements under one of our Sids are ours only if a template reads them and renders
 * the same again: whatever was edited by hand is foreign, and left alone.
 * @param partition the secret's: account ids are of it
 */
export function parse(document: PolicyDocument | null, partition: string): PolicyView {
  if (document === null) return EMPTY_POLICY;
  const views = viewsOf(document);
  const view = views.get(partition) ?? read(document, partition);
  views.set(partition, view);
  return view;
}

const viewsOf = perDocument(() => new Map<string, PolicyView>());

function read(document: PolicyDocument, partition: string): PolicyView {
  const statements = statementsOf(document);
  const clauses = new Map(
    [...clusters(statements)].map(
      ([sid, cluster]) => [sid, readClause(sid, cluster, { partition, version: document.Version })] as const,
    ),
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
    if (sid === undefined) continue;
    const cluster = found.get(sid);
    if (cluster === undefined) found.set(sid, [statement]);
    else cluster.push(statement);
  }
  return found;
}

function readClause(sid: string, cluster: readonly Statement[], { partition, version }: Of): Clause | undefined {
  if (isLiteral(cluster, version)) return undefined;
  const ordered = [...cluster].sort((a, b) => (String(a.Sid) < String(b.Sid) ? -1 : 1));
  const bodies = ordered.map(({ Sid: _, ...body }) => body);
  const kind = kindOfSid(sid);
  for (const template of kind === undefined ? [] : templatesOf(kind)) {
    const clause = readWith(template, sid, bodies, partition);
    if (clause !== undefined && rendersAs(clause, ordered)) return clause;
  }
  return undefined;
}

/** What a statement is read as part of. */
type Of = { partition: string; version: PolicyView['version'] };

/**
 * Whether `${…}` stands there in a policy that takes it to the letter, where ours mean variables (IAM User Guide, "IAM JSON policy
 * elements: Version").
 */
const isLiteral = (statements: readonly Statement[], version: PolicyView['version']): boolean =>
  version !== VERSION_OF_VARIABLES && statements.some(hasVariables);

/** What one statement says, whatever its Sid, where a template says the same: under the Sid that it would have. */
export function readBare({ Sid: _, ...body }: Statement, { partition, version }: Of): Clause | undefined {
  if (isLiteral([body], version)) return undefined;
  for (const template of templates) {
    const clause = readWith(template, undefined, [body], partition);
    if (clause !== undefined && rendersAs(clause, [{ ...body, Sid: clause.sid }])) return clause;
  }
  return undefined;
}

/** @param given the Sid that it bears; undefined: whatever it would have */
function readWith(
  template: AnyTemplate,
  given: string | undefined,
  bodies: readonly StatementBody[],
  partition: string,
): Clause | undefined {
  const read = template.read(bodies);
  if (read === undefined) return undefined;
  const group = Object.fromEntries(
    Object.entries(read.group).map(([name, value]) => [
      name,
      Array.isArray(value) ? listOf(template, name, value, partition) : value,
    ]),
  );
  const sid = given ?? sidOf(template, group);
  if (sidOf(template, group) !== baseSid(sid)) return undefined;
  const { packs } = template;
  if (packs === null) return isNormal(template, group, partition) ? { template, sid, group, members: [] } : undefined;
  const members = listOf(template, packs, read.members, partition);
  const isMember = (member: string) =>
    isNormal(template, { ...group, [packs]: isUniqueId(member) ? somebody(partition) : member }, partition);
  return members.length > 0 && members.every(isMember) ? { template, sid, group, members } : undefined;
}

/** Sorted and without duplicates, accounts as their root ARNs: the one form that normalise gives. */
function listOf(template: AnyTemplate, parameter: string, values: readonly string[], partition: string): string[] {
  const named = template.principals.includes(parameter)
    ? values.map((value) => parsePrincipal(value, partition)?.arn ?? value)
    : values;
  return [...new Set(named)].sort();
}

/** Stands in for a deleted principal, whose ARN AWS no longer shows. */
const somebody = (partition: string): string => `arn:${partition}:iam::000000000000:user/somebody`;

function rendersAs(clause: Clause, statements: readonly Statement[]): boolean {
  const rendered = renderClause(clause).map(canonicalStatement).sort();
  const found = statements.map(canonicalStatement).sort();
  return rendered.length === found.length && rendered.every((text, index) => text === found[index]);
}
