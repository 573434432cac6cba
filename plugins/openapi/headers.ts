import type { Document } from './document.ts';

const REQUEST_ID = {
  schema: { type: 'string' },
  description: 'The request’s id in the log: the caller’s own, or one that was made.',
};
const REPLAYED = {
  schema: { type: 'string', enum: ['true'] },
  description: 'This is the first answer to the same Idempotency-Key again; nothing was done. Refusals bear it too.',
};

/** What is answered before an Idempotency-Key is looked at, and what may change when the request comes again, is not kept. */
const NEVER_REPLAYED = /^(400|401|413|414|415|429|5..)$/;

/** Headers that answers bear whatever the route: plugins/request-ids.ts and plugins/idempotency.ts set them. */
export function addHeaders({ paths }: Document): void {
  for (const { parameters = [], responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    const hasKey = parameters.some((parameter) => 'name' in parameter && parameter.name === 'idempotency-key');
    for (const [status, response] of Object.entries(responses)) {
      if ('$ref' in response) continue;
      const replayed = hasKey && !NEVER_REPLAYED.test(status) && { 'Idempotency-Replayed': REPLAYED };
      response.headers = { 'X-Request-Id': REQUEST_ID, ...response.headers, ...replayed };
    }
  }
}
