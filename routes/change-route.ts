import type { FastifyRequest } from 'fastify';
import type { CommandBase } from '../src/access/commands/command.ts';
import { DomainError } from '../src/problems/problem.ts';
import { wrongField } from '../src/problems/wrong-field.ts';

/** As much of a request as its schemas must say. */
type Asked = Pick<FastifyRequest, 'changeId' | 'requester'> & {
  params: { secretId: string };
  query: { dryRun?: boolean; reason?: string; ticket?: string };
  headers: { 'if-match'?: string };
};

/** What a mutation's request says, whatever it asks for. `body` carries reason and ticket, or the query does. */
export function baseOf(
  request: Asked,
  body: { reason?: string | undefined; ticket?: string | undefined } = {},
): CommandBase {
  const { params, query, headers } = request;
  return {
    changeId: request.changeId,
    requester: request.requester(),
    secretId: params.secretId,
    reason: body.reason ?? query.reason ?? null,
    ticket: body.ticket ?? query.ticket ?? null,
    ifMatch: ifMatchOf(headers['if-match']),
    dryRun: query.dryRun ?? false,
  };
}

/** RFC 9110 section 8.8.3: an opaque tag is in quotes, and may be weak. */
const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const IF_MATCH = new RegExp(String.raw`^\s*(?:\*|${TAG}(?:\s*,\s*${TAG})*)\s*$`);

/** A tag without its quotes would be answered "read it again" for ever. @throws DomainError validation-failed */
function ifMatchOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (IF_MATCH.test(header)) return header;
  const message = 'must be the ETag as it came, in its quotes: "…" (several with commas between them), or *';
  throw wrongField('/headers/if-match', message);
}

/**
 * RFC 6585 section 3. If-None-Match counts only where the call heeds it: one that is ignored protects nobody.
 * @throws DomainError precondition-required
 */
export function requirePrecondition({ headers }: FastifyRequest, heeds: { ifNoneMatch?: boolean } = {}): void {
  if (headers['if-match'] !== undefined || (heeds.ifNoneMatch && headers['if-none-match'] !== undefined)) return;
  throw new DomainError('precondition-required');
}
