import { VpcEndpointIds } from './kinds/parameters.ts';
import { restrictionTemplate } from './kinds/restriction.ts';
import { otherThan } from './kinds/restriction-statement.ts';

export const restrictToVpcEndpoints = restrictionTemplate({
  parameter: 'vpcEndpoints',
  schema: VpcEndpointIds,
  title: 'Restrict to VPC endpoints',
  description:
    'Denies every call that does not come through one of these VPC endpoints. Roles that AWS services use call from elsewhere: ' +
    'name the rotation function’s in `exceptPrincipals` unless it runs inside.',
  inside: 'the VPC endpoints',
  example: ['vpce-0123456789abcdef0'],
  outside: otherThan('StringNotEquals', 'aws:SourceVpce'),
  network: true,
});
