import type { FastifyInstance, InjectOptions } from 'fastify';

export type Answer = Pick<Awaited<ReturnType<FastifyInstance['inject']>>, 'statusCode' | 'headers' | 'body' | 'json'>;

/** As `app.inject`; of an answer that does not end by itself, what comes first: then nobody reads it any more. */
export async function inject(app: FastifyInstance, request: InjectOptions, endless: boolean): Promise<Answer> {
  if (!endless) return app.inject(request);
  const answer = await app.inject({ ...request, payloadAsStream: true });
  const { statusCode, headers } = answer;
  let body = '';
  for await (const chunk of answer.stream()) {
    body += chunk;
    if (statusCode === 200) break;
  }
  answer.raw.res.destroy();
  return { statusCode, headers, body, json: () => JSON.parse(body) };
}
