import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

type Value = { stringValue?: string; intValue?: number };
type RawSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: { key: string; value: Value }[];
  links?: { traceId: string; spanId: string }[];
};
export type ReceivedSpan = Omit<RawSpan, 'attributes'> & { facts: Record<string, string | number | undefined> };
type Export = {
  resourceSpans: {
    resource: { attributes: { key: string; value: Value }[] };
    scopeSpans: { spans: RawSpan[] }[];
  }[];
};

const factsOf = (attributes: RawSpan['attributes']) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

/** Receives traces as an OTLP/HTTP collector does (JSON). */
export async function startCollector(t: Test) {
  const spans: ReceivedSpan[] = [];
  const resources: Record<string, unknown>[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Export;
    paths.push(`${request.method} ${request.url}`);
    for (const { resource, scopeSpans } of body.resourceSpans) {
      resources.push(factsOf(resource.attributes));
      for (const { attributes, ...span } of scopeSpans.flatMap(({ spans }) => spans))
        spans.push({ ...span, facts: factsOf(attributes) });
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, resources, paths };
}
