import { text } from 'node:stream/consumers';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './assume-role.ts';
import type { Call } from './calls/call.ts';
import { followed, type Middleware } from './calls/followed.ts';
import type { RequestHandler } from './calls/request-handler.ts';
import { Sha256 } from './calls/sha256.ts';

/** A service of the AWS query protocol, as somebody asks it. */
type QueryService = {
  call: Call;
  /** As it is signed for. */
  service: 'ec2';
  region: string;
  version: string;
  endpoint: string;
  credentials: () => Promise<Credentials>;
  requestHandler: { handle: (request: HttpRequest) => ReturnType<RequestHandler['handle']> };
};

/**
 * Calls of the query protocol, each one attempt: of EC2, of which one list of names is read. `@aws-sdk/client-ec2` 3.1169 takes 71 MB of
 * memory once it is loaded, and 28 MB on disk (docs/adr/0015).
 * @returns a call by its action; it answers the XML, and @throws DomainError aws-…
 */
export function createQuery(options: QueryService) {
  const { call, service, region, version, endpoint, credentials, requestHandler } = options;
  const { protocol, hostname, port, host } = new URL(endpoint);
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', host };
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });

  return (action: string, resource: string): Promise<string> => {
    const input = {};
    const send = async (): Promise<string> => {
      const body = new URLSearchParams({ Action: action, Version: version }).toString();
      const request = new HttpRequest({ method: 'POST', protocol, hostname, path: '/', headers, body });
      if (port !== '') request.port = Number(port);
      const signed = new HttpRequest(await signer.sign(request));
      return steps.reduceRight(
        (next, step) => step(next),
        async (args: { input: object; request: HttpRequest }) => {
          const { response } = await requestHandler.handle(args.request);
          const answer = await text(response.body);
          if (response.statusCode !== 200 || !answer.includes(`<${action}Response`))
            throw failureOf(answer, response.statusCode);
          return answer;
        },
      )({ input, request: signed });
    };
    return call({ action: `${service}:${action}`, resource }, { input }, send);
  };
}

/** The texts of the elements of that name which hold nothing but text, in their order. */
export const elementsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value = '']) => plain(value));

const elementOf = (xml: string, name: string): string | undefined => elementsOf(xml, name)[0];

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const plain = (value: string): string =>
  value.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });

/** What `call` has a client of the SDK do, for one attempt: who asks for such a list asks again. */
const steps: Middleware[] = [];
followed({ middlewareStack: { addRelativeTo: (step: Middleware) => void steps.push(step) } });

/** As the SDK throws it: `name` is AWS's code. EC2 spells the request's id in capitals. */
function failureOf(answer: string, httpStatusCode: number): Error {
  const requestId = elementOf(answer, 'RequestI[dD]');
  const $metadata = { httpStatusCode, ...(requestId !== undefined && { requestId }) };
  return Object.assign(new Error(elementOf(answer, 'Message') ?? ''), {
    name: elementOf(answer, 'Code') ?? 'Error',
    $metadata,
  });
}
