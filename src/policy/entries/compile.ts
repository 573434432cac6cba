import { DomainError } from '../../problems/problem.ts';
import { grammarErrors, isPolicyDocument, type PolicyDocument, type Statement } from '../document.ts';
import type { Clause } from './entry.ts';
import type { AnyTemplate, Group, StatementBody } from './templates/kinds/template.ts';

/**
 * A policy read into clauses of ours and statements that are not (foreign), in the document's order.
 * `parse` (parse.ts) and `compile` are inverse up to canonical equality.
 */
export type PolicyItem = { clause: Clause } | { foreign: Statement };
export type PolicyView = {
  version: NonNullable<PolicyDocument['Version']> | undefined;
  id: string | undefined;
  items: readonly PolicyItem[];
};

/** The only one in which `${…}` is a variable. Source: IAM User Guide, "IAM JSON policy elements: Version". */
export const VERSION_OF_VARIABLES = '2012-10-17';

export const hasVariables = (statement: Statement | StatementBody): boolean => JSON.stringify(statement).includes('${');

export const EMPTY_POLICY: PolicyView = { version: '2012-10-17', id: undefined, items: [] };

/**
 * The document to attach; null when no statement is left, since AWS takes none without statements.
 * Foreign statements come out to the letter.
 * @throws Error when a template rendered something that is not a statement: a defect, never the caller's fault
 */
export function compile(view: PolicyView): PolicyDocument | null {
  const statements = view.items.flatMap((item) => ('foreign' in item ? [item.foreign] : renderClause(item.clause)));
  if (statements.length === 0) return null;
  const document = {
    ...(view.version === undefined ? {} : { Version: view.version }),
    ...(view.id === undefined ? {} : { Id: view.id }),
    Statement: statements,
  };
  if (!isPolicyDocument(document)) throw new Error('A template rendered a document outside the policy grammar.');
  return document;
}

/** The statements of one clause, with their Sids. Keys stand in the order of the AWS guide. */
export function renderClause(clause: Clause): Statement[] {
  return clause.template
    .render(clause.group, clause.members)
    .map((body, index) => ({ Sid: index === 0 ? clause.sid : `${clause.sid}P${index + 1}`, ...body }));
}

/** What a template renders for these parameters alone: `addEntry` checks them, this does not. */
export function renderAlone({ packs, render }: AnyTemplate, parameters: Group): StatementBody[] {
  if (packs === null) return render(parameters, []);
  const { [packs]: member, ...group } = parameters;
  return render(group, [String(member)]);
}

/** The JSON text that is sent to AWS: no white space, since its length is limited. */
export const policyText = (document: PolicyDocument): string => JSON.stringify(document);

/** @throws DomainError policy-malformed when the text or value is not a policy document */
export function assertPolicyDocument(value: unknown): asserts value is PolicyDocument {
  if (isPolicyDocument(value)) return;
  throw new DomainError('policy-malformed', { by: 'grammar', errors: grammarErrors(value) });
}
