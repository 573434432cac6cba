import { sha256 } from '../hash.ts';
import { canonicalStatement } from './canonical.ts';
import type { Statement } from './document.ts';

/** A statement's hash: the same however AWS happens to spell it. 24 hexadecimal digits of SHA-256. */
export const statementHash = (statement: Statement): string => sha256(canonicalStatement(statement)).slice(0, 24);

/** What tells a statement from others: its Sid, or its hash where it has none. */
export const statementId = (statement: Statement): string => statement.Sid ?? statementHash(statement);

/** What a statement is called in sentences: by its Sid, or by its hash where it has none. */
export const statementName = (statement: Statement): string =>
  statement.Sid ? `the statement ${statement.Sid}` : `a statement without a Sid (hash ${statementHash(statement)})`;
