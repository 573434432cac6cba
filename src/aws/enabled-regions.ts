import { text } from 'node:stream/consumers';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import { partitionOfRegion, secretsIn } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import type { AwsClients } from './clients.ts';
import { followed, type Middleware } from './followed.ts';
import { Sha256 } from './sha256.ts';

const ACTION = 'ec2:DescribeRegions';
const BODY = 'Action=DescribeRegions&Version=2016-11-15';
const HEADERS = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
/** As a Region becomes part of a host name. */
const REGIONS = /<regionName>([a-z]{2}(?:-[a-z]+){1,2}-\d{1,2})<\/regionName>/g;

/**
 * The Regions that an account has enabled, asked with its own role in the Region of this service: EC2 is in every partition,
 * and may be reached without the internet. One call, for which no SDK client is worth its size.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
 * @param options.endpoint where EC2 is; by default as the SDK would find it
 * @returns their names, in their order. It @throws DomainError aws-…
 */
export function createEnabledRegions({
  clients: { call, clientsFor },
  region,
  endpoint = process.env['AWS_ENDPOINT_URL_EC2'] ?? process.env['AWS_ENDPOINT_URL'] ?? endpointIn(region),
}: {
  clients: Pick<AwsClients, 'call' | 'clientsFor'>;
  region: string;
  endpoint?: string | undefined;
}): (account: string) => Promise<string[]> {
  const { protocol, hostname, port, host } = new URL(endpoint);
  const headers = { ...HEADERS, host };

  return async (account) => {
    const { config } = clientsFor(secretsIn({ account, region })).sts;
    const signer = new SignatureV4({ service: 'ec2', region, credentials: config.credentials, sha256: Sha256 });
    const input = {};
    const send = async (): Promise<string[]> => {
      const request = new HttpRequest({ method: 'POST', protocol, hostname, path: '/', headers, body: BODY });
      if (port !== '') request.port = Number(port);
      const signed = new HttpRequest(await signer.sign(request));
      return steps.reduceRight(
        (next, step) => step(next),
        async (args: { input: object; request: HttpRequest }) => {
          const { response } = await config.requestHandler.handle(args.request);
          const answer = await text(response.body);
          if (response.statusCode !== 200 || !answer.includes('<DescribeRegionsResponse'))
            throw failureOf(answer, response.statusCode);
          return [...answer.matchAll(REGIONS)].map(([, name = '']) => name);
        },
      )({ input, request: signed });
    };
    const names = await call({ action: ACTION, resource: `the Regions of account ${account}` }, { input }, send);
    if (names.length > 0) return names.toSorted();
    throw new DomainError('aws-error', { why: `AWS listed no Region of account ${account}.` });
  };
}

/** What `call` has a client of the SDK do, for one attempt: who asks for such a list asks again. */
const steps: Middleware[] = [];
followed({ middlewareStack: { addRelativeTo: (step: Middleware) => void steps.push(step) } });

const endpointIn = (region: string): string =>
  `https://ec2.${region}.amazonaws.com${partitionOfRegion(region) === 'aws-cn' ? '.cn' : ''}`;

/** As the SDK throws it: `name` is AWS's code. */
function failureOf(answer: string, httpStatusCode: number): Error {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1];
  const requestId = element('RequestID');
  const $metadata = { httpStatusCode, ...(requestId !== undefined && { requestId }) };
  return Object.assign(new Error(element('Message') ?? ''), { name: element('Code') ?? 'Error', $metadata });
}
