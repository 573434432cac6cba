import Type from 'typebox';
import type { Call } from '../call.ts';
import { ENABLED_BY_DEFAULT } from '../directory/accounts.ts';
import { authorize } from '../enforcement/authorize.ts';
import { type AwsOperation, operation } from '../protocol/input.ts';

/** Amazon EC2, as far as it says which Regions an account has enabled. Source: EC2 API Reference. */
export const ec2Operations: Record<string, AwsOperation<Call>> = {
  DescribeRegions: operation(Type.Object({}), (call: Call) => {
    const { account } = call.caller;
    authorize(call, call.action, { arn: '*', account, policy: null });
    return {
      regionInfo: call.accounts.regionsOf(account).map((regionName) => ({
        regionName,
        regionEndpoint: `ec2.${regionName}.amazonaws.com`,
        optInStatus: ENABLED_BY_DEFAULT.includes(regionName) ? 'opt-in-not-required' : 'opted-in',
      })),
    };
  }),
};
