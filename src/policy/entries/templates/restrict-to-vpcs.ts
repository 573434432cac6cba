import Type from 'typebox';
import { restrictionTemplate } from './kinds/restriction.ts';
import { otherThan } from './kinds/restriction-statement.ts';

export const restrictToVpcs = restrictionTemplate({
  parameter: 'vpcs',
  schema: Type.Array(Type.String({ pattern: '^vpc-[0-9a-f]{8,17}$', examples: ['vpc-0123456789abcdef0'] }), {
    minItems: 1,
    maxItems: 100,
    description: 'VPC ids. A call comes from a VPC only if it goes through a VPC endpoint there.',
    examples: [['vpc-0123456789abcdef0']],
  }),
  title: 'Restrict to VPCs',
  description:
    'Denies every call that does not come from one of these VPCs, through a VPC endpoint. Roles that AWS services use call from ' +
    'elsewhere: name the rotation function’s in `exceptPrincipals` unless it runs inside.',
  inside: 'the VPCs',
  example: ['vpc-0123456789abcdef0'],
  outside: otherThan('StringNotEquals', 'aws:SourceVpc'),
  network: true,
});
