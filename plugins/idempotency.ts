import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { AnswerResumer } from '../src/access/approvals/request-change.ts';
import type { AskAgain } from '../src/access/guard/ask-again.ts';
import { askedFor } from '../src/access/guard/asked-guardrails.ts';
import type { VisibleSecrets } from '../src/access/guard/visible-secrets.ts';
import { callerKey } from '../src/access/identity.ts';
import type { BegunFinder } from '../src/access/incidents/find-begun.ts';
import type { IdempotencyClaim, IdempotencyKeys } from '../src/access/recover/idempotency-keys.ts';
import { sha256 } from '../src/hash.ts';
import { canonicalJson } from '../src/json/canonical-json.ts';
import { DomainError } from '../src/problems/problem.ts';
import { isRetryable } from '../src/problems/table.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request owns its Idempotency-Key. */
    idempotencyClaim: IdempotencyClaim | null;
  }
}

type Visible = Pick<VisibleSecrets, 'assertKnows' | 'asShown'>;

const KEPT_HEADERS = ['content-type', 'etag', 'location'];

/**
 * Idempotency-Key: the same key and request within 24 hours gets the first answer, whichever replica is asked, as long as
 * the guardrails still let the caller do it. A dry run is done anew. What
 * failed, or may succeed later, is not kept: the next request with the key first finds out what became of the change.
 */
export default fp<{
  store: IdempotencyKeys;
  resume: AnswerResumer;
  findBegun: BegunFinder;
  askAgain: AskAgain;
  visible: Visible;
}>(
  async (app, { store, resume, findBegun, askAgain, visible }) => {
    app.decorateRequest('idempotencyClaim', null);

    app.addHook('preHandler', async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (request.routeOptions.config.changes !== true || typeof key !== 'string') return;
      // Nothing is done that must not be done twice.
      if ((request.query as { dryRun?: boolean }).dryRun === true) return;
      const claim = { subject: callerKey(request.identity), key };
      const begun = await store.begin({ ...claim, fingerprint: fingerprintOf(request), changeId: request.changeId });
      if (begun.state === 'mismatch') {
        throw new DomainError('idempotency-key-reused');
      }
      if (begun.state === 'inFlight') {
        throw new DomainError('idempotency-in-flight');
      }
      if (begun.state === 'replay') {
        const { status, headers, body, asked } = begun.response;
        await askAgain(request.identity, asked);
        return reply.code(status).headers(headers).header('idempotency-replayed', 'true').serializer(String).send(body);
      }
      request.idempotencyClaim = claim;
      if (begun.state === 'abandoned') return finish(request, reply, claim, begun.changeId);
      return;
    });

    async function finish(request: FastifyRequest, reply: FastifyReply, claim: IdempotencyClaim, changeId: string) {
      const begun = await findBegun(request.identity, changeId);
      if (begun !== null) return reply.code(202).header('location', begun.location).send(begun.answer);
      const found = await resume(changeId);
      if (found !== null) {
        // The guardrails were asked of this caller before its intent; of what then no more is known than the audit log has.
        await visible.assertKnows(request.identity, found.secret.arn);
        const answer = await visible.asShown(request.identity, found);
        const kind = (['share', 'denial', 'restriction'] as const).find((entry) => entry in answer);
        return reply.send(
          reply.answerChange(answer, request.method === 'POST' && kind !== undefined ? `${kind}s` : undefined),
        );
      }
      await store.restart(claim, request.changeId);
    }

    app.addHook('onSend', async (request, reply, payload) => {
      const claim = request.idempotencyClaim;
      if (claim === null) return;
      request.idempotencyClaim = null;
      const { problemCode } = request;
      const mayChange = reply.statusCode >= 500 || (problemCode !== null && isRetryable(problemCode));
      // The answer stands also when it can't be kept: then the key is as after a crash, and the next caller finds out.
      const keep = mayChange
        ? store.abandon(claim)
        : store.complete(claim, {
            ...{ status: reply.statusCode, headers: keptHeaders(reply), body: String(payload ?? '') },
            asked: askedFor(request.requester()),
          });
      await keep.catch((err) => request.log.error({ err }, 'the answer of an idempotency key was not kept'));
    });
  },
  { name: 'idempotency', dependencies: ['problems', 'identity', 'change-id', 'change-reply'] },
);

/** What makes two requests the same: all but the key itself, the credentials and the ids of the request. */
const fingerprintOf = ({ method, url, body, headers }: FastifyRequest): string =>
  sha256(canonicalJson([method, url, body ?? null, headers['if-match'] ?? null, headers['if-none-match'] ?? null]));

function keptHeaders(reply: FastifyReply): Record<string, string> {
  const kept = KEPT_HEADERS.map((name) => [name, reply.getHeader(name)] as const);
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
