import ipaddr from 'ipaddr.js';
import Type from 'typebox';
import { restrictionTemplate } from './kinds/restriction.ts';
import { otherThan } from './kinds/restriction-statement.ts';
import { texts } from './kinds/share-conditions.ts';

const CIDR = '^(?:\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,2})?|[0-9A-Fa-f:]{2,39}(?:/\\d{1,3})?)$';

export const restrictToSourceIps = restrictionTemplate({
  parameter: 'sourceIps',
  schema: Type.Array(Type.String({ pattern: CIDR, maxLength: 43, examples: ['203.0.113.0/24'] }), {
    minItems: 1,
    maxItems: 200,
    description:
      'Public IPv4 or IPv6 addresses or CIDR ranges. Calls through a VPC endpoint have none, and are denied.',
    examples: [['203.0.113.0/24', '2001:db8::/32']],
  }),
  title: 'Restrict to source addresses',
  description:
    'Denies every call that does not come from these public addresses. Roles that AWS services use call from elsewhere: name the ' +
    'rotation function’s in `exceptPrincipals`.',
  inside: 'the addresses',
  example: ['203.0.113.0/24'],
  outside: otherThan('NotIpAddress', 'aws:SourceIp'),
  network: true,
  conflict({ sourceIps }) {
    const wrong = texts(sourceIps).find((range) => !isRange(range));
    return wrong === undefined
      ? undefined
      : { path: '/boundary/sourceIps', message: `${wrong} is not an address or a CIDR range` };
  },
});

const isRange = (text: string): boolean => (text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text));
