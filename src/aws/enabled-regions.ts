import { partitionOfRegion, secretsIn } from '../policy/arn.ts';
import { DomainError } from '../problems/problem.ts';
import type { AwsClients } from './clients.ts';
import { createQuery, elementsOf } from './query.ts';

/** As a Region becomes part of a host name. */
const REGION = /^[a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}$/;

/**
 * The Regions that an account has enabled, asked with its own role in the Region of this service: EC2 is in every partition,
 * and may be reached without the internet.
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
  return async (account) => {
    const { credentials, requestHandler } = clientsFor(secretsIn({ account, region })).sts.config;
    const service = { service: 'ec2', version: '2016-11-15', region, endpoint } as const;
    const ask = createQuery({ call, ...service, credentials, requestHandler });
    const answer = await ask('DescribeRegions', `the Regions of account ${account}`);
    const names = elementsOf(answer, 'regionName').filter((name) => REGION.test(name));
    if (names.length > 0) return names.toSorted();
    throw new DomainError('aws-error', { why: `AWS listed no Region of account ${account}.` });
  };
}

const endpointIn = (region: string): string =>
  `https://ec2.${region}.amazonaws.com${partitionOfRegion(region) === 'aws-cn' ? '.cn' : ''}`;
