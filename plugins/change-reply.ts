import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import type { PendingChange } from '../src/access/approvals/approval.ts';
import type { Change } from '../src/access/write/change.ts';

declare module 'fastify' {
  interface FastifyReply {
    /**
     * 201 with Location for what was made, 202 for what waits for approval, 200 for the rest; the ETag is the policy's.
     * @param collection where a new entry is found: `shares`, `denials` or `restrictions`
     */
    sendChange(change: Change | PendingChange, collection?: string): FastifyReply;
  }
}

/** How a change is answered, also when it is answered again. */
export default fp(
  async (app) => {
    app.decorateReply('sendChange', sendChange);
  },
  { name: 'change-reply' },
);

function sendChange(this: FastifyReply, change: Change | PendingChange, collection?: string): FastifyReply {
  if ('approvalId' in change) {
    return this.code(202).header('location', `/v1/approvals/${change.approvalId}`).send(change);
  }
  const entry = change.share ?? change.denial ?? change.restriction;
  this.header('etag', change.etag);
  if (collection === undefined || entry === undefined || !change.changed || change.dryRun) {
    return this.code(200).send(change);
  }
  const secret = encodeURIComponent(change.secret.arn);
  return this.code(201).header('location', `/v1/secrets/${secret}/${collection}/${entry.id}`).send(change);
}
