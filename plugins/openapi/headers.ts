import type { Document } from './document.ts';

const REQUEST_ID = {
  schema: { type: 'string' },
  description: 'The request’s id in the log: the caller’s own, or one that was made.',
};
const REPLAYED = {
  schema: { type: 'string', enum: ['true'] },
  description: 'This is the first answer to the same Idempotency-Key again; nothing was done. Refusals bear it too.',
};

/** Headers that answers bear whatever the route: plugins/request-ids.ts and plugins/idempotency.ts set them. */
export function addHeaders({ paths }: Document): void {
  for (const { parameters = [], responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    const hasKey = parameters.some((parameter) => 'name' in parameter && parameter.name === 'idempotency-key');
    for (const [status, response] of Object.entries(responses)) {
      if ('$ref' in response) continue;
      const replayed = hasKey && status.startsWith('2') && { 'Idempotency-Replayed': REPLAYED };
      response.headers = { 'X-Request-Id': REQUEST_ID, ...response.headers, ...replayed };
    }
  }
}
