import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Asked for with `?pretty`: a person reads the answer. */
    pretty: boolean;
  }
}

/** Characters. Nobody reads more, and to indent it would keep everybody else waiting. */
const MOST = 1_000_000;
/** Of `?pretty`, as people write it. */
const FORMS = new Set<unknown>(['', 'true', '1']);

/**
 * `?pretty` on any call: its JSON comes in many lines. It is taken out of the address before anybody looks at that: it is no
 * parameter of a call, and a request with it is the same as one without.
 */
export default fp(
  async (app) => {
    app.decorateRequest('pretty', false);
    app.addHook('onRequest', async (request) => {
      const query = request.query as Record<string, unknown>;
      if (!FORMS.has(query['pretty'])) return;
      delete query['pretty'];
      request.raw.url = withoutPretty(request.url);
      request.pretty = true;
    });
  },
  { name: 'pretty' },
);

/** Where the answer is as it is kept: what is answered again may be asked for in the other form. */
export const prettyAnswers = fp(
  async (app) => {
    app.addHook('onSend', async (request, reply, payload) =>
      isToBePretty(request, reply, payload) ? indented(payload) : payload,
    );
  },
  { name: 'pretty-answers', dependencies: ['pretty', 'idempotency'] },
);

const isToBePretty = ({ pretty }: FastifyRequest, reply: FastifyReply, payload: unknown): payload is string =>
  pretty &&
  typeof payload === 'string' &&
  payload !== '' &&
  payload.length <= MOST &&
  /[/+]json\b/.test(String(reply.getHeader('content-type')));

const indented = (json: string): string => `${JSON.stringify(JSON.parse(json), null, 2)}\n`;

function withoutPretty(url: string): string {
  const [path = '', ...query] = url.split('?');
  const rest = query
    .join('?')
    .split('&')
    .filter((part) => !/^pretty(?:=(?:true|1)?)?$/.test(part));
  return rest.length === 0 ? path : `${path}?${rest.join('&')}`;
}
