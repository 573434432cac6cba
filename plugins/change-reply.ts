import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import type { PendingChange } from '../src/access/approvals/approval.ts';
import type { Change } from '../src/access/write/change.ts';
import { secretUrl } from '../src/secret-url.ts';

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Sets status and headers for a change: 201 with Location for what was made, 202 for what waits for approval, 200 for
     * the rest; the ETag is the policy's.
     * @param collection where a new entry is found: `shares`, `denials` or `restrictions`
     * @returns the body, which the handler returns: so its type is compared with the route's answers
     */
    answerChange<Answer extends Change | PendingChange>(change: Answer, collection?: string): Answer;
  }
}

/** What waits is found where it was asked for, by a reader. */
const REQUESTS = '/v1/access-requests';

/** How a change is answered, also when it is answered again. */
export default fp(
  async (app) => {
    app.decorateReply('answerChange', answerChange);
  },
  { name: 'change-reply' },
);

function answerChange<Answer extends Change | PendingChange>(
  this: FastifyReply,
  change: Answer,
  collection?: string,
): Answer {
  if ('approvalId' in change) {
    const list = this.request.routeOptions.url === REQUESTS ? REQUESTS : '/v1/approvals';
    this.code(202).header('location', `${list}/${change.approvalId}`);
    return change;
  }
  const entry = change.share ?? change.denial ?? change.restriction;
  this.code(200).header('etag', change.etag);
  if (collection === undefined || entry === undefined || !change.changed || change.dryRun) return change;
  this.code(201).header('location', secretUrl(change.secret.arn, `/${collection}/${entry.id}`));
  return change;
}
