import {
  type CompiledQuery,
  DeleteQueryNode,
  InsertQueryNode,
  type OperationNode,
  RawNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely';
import type { Schema } from '../schema.ts';

/** The index of the estate: what a power cut takes back of it is surveyed again. */
const CACHES: ReadonlySet<string> = new Set<keyof Schema>([
  ...(['estate_secrets', 'estate_secret_keys', 'estate_edges'] as const),
  ...(['estate_findings', 'estate_keys'] as const),
]);
/** Around what is written, which says by itself whether it has to last. */
const BOUNDS: ReadonlySet<string> = new Set(['begin immediate', 'commit', 'rollback']);

/** Whether what a query writes must be on disk before anybody is told of it (docs/adr/0014). */
export function hasToLast({ query }: Pick<CompiledQuery, 'query'>): boolean {
  if (SelectQueryNode.is(query)) return false;
  if (RawNode.is(query)) return !BOUNDS.has(query.sqlFragments.join(''));
  const table = tableOf(query);
  return !(table !== undefined && TableNode.is(table) && CACHES.has(table.table.identifier.name));
}

function tableOf(query: OperationNode): OperationNode | undefined {
  if (InsertQueryNode.is(query)) return query.into;
  if (UpdateQueryNode.is(query)) return query.table;
  return DeleteQueryNode.is(query) ? query.from.froms[0] : undefined;
}
