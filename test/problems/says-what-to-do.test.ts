import t from 'tap';
import { build, MARY } from '../helper.ts';

/** What people get wrong, and what they are told: enough to write it right, and none of JSON Schema’s words. */

const SECRET = '/v1/secrets/demo%2Fdatabase';
const SHARES = `${SECRET}/shares`;
const DENIALS = `${SECRET}/denials`;
const RESTRICTIONS = `${SECRET}/restrictions`;
const { call, arnOf } = await build(t);
const arn = await arnOf('demo/database');

type Case = [method: 'GET' | 'POST', url: string, body: unknown, detail: string | RegExp];
const share = (body: object, detail: string | RegExp): Case => ['POST', SHARES, body, detail];

const CASES: Case[] = [
  share(
    { principal: '12345678901' },
    'principal must have 12 digits where it is an account: this has 11; for example 222222222222.',
  ),
  share({ principal: '1234567890123' }, /must have 12 digits where it is an account: this has 13/),
  share({ principal: '1234-5678-9012' }, /: it is written in one: 123456789012\.$/),
  share({ principal: 123456789012 }, /^principal must be a text; for example arn:/),
  share(
    { principal: 'Mary' },
    /^principal must be an account \(12 digits\), or a user or role by its whole ARN; for example arn:/,
  ),
  share({ principal: '*' }, /^principal can’t be everybody: name an account or a principal, or an organization/),
  ['POST', DENIALS, { principal: 'Mary' }, /^principal must be an account/],
  ['POST', RESTRICTIONS, { boundary: { principals: ['*'] } }, /^boundary\/principals\/0 can’t be everybody/],
  ['GET', '/v1/principals/Mary/secrets', undefined, /^principal must be an account/],
  share({ pricipal: MARY }, 'pricipal is not known here: did you mean principal?'),
  share(
    { principal: MARY, expiresAt: '2027-01-01' },
    'expiresAt must be a time, not a day; for example 2027-01-01T00:00:00Z.',
  ),
  share(
    { principal: MARY, expiresAt: 'soon' },
    'expiresAt must be a time with its zone; for example 2030-01-01T00:00:00Z.',
  ),
  share({ principal: MARY, expiresIn: '30 days' }, 'expiresIn is not of the form that it takes; for example 30d.'),
  share({ principal: MARY, actions: ['kms:Decrypt'] }, /^actions\/0 is not known here: it takes secretsmanager:/),
  share({ principal: MARY, actions: 'secretsmanager:GetSecretValue' }, 'actions must be a list.'),
  share({ principal: MARY, grantKey: 'true' }, 'grantKey must be true or false.'),
  share({ principal: MARY, reason: 'x'.repeat(501) }, 'reason must have 500 characters at most.'),
  share({ organization: 'o-1' }, 'organization is not of the form that it takes; for example o-local00001.'),
  share(
    { organizationalUnit: 'ou-abcd-12345678' },
    /^organizationalUnit is not .*; for example o-local00001\/r-root\/ou-root-workload\.$/,
  ),
  share({ principal: MARY, organization: 'o-local00001' }, /exactly one of principal, organization,/),
  ['POST', RESTRICTIONS, { boundary: {} }, /^boundary must have exactly one of organization, /],
  [
    'POST',
    RESTRICTIONS,
    { boundary: { vpcs: ['vpc'] } },
    /^boundary\/vpcs\/0 is not of the form that it takes; for example vpc-/,
  ],
  [
    'POST',
    RESTRICTIONS,
    { boundary: { sourceIps: ['10.0'] } },
    /^boundary\/sourceIps\/0 is not .*; for example 203\.0\.113\.0\/24/,
  ],
  ['POST', SHARES, undefined, 'The body is missing: send one JSON object, with Content-Type: application/json.'],
  ['POST', SHARES, [], 'The body must be one JSON object.'],
  ['POST', `${SHARES}?dryRun=yes`, { principal: MARY }, 'dryRun must be true or false.'],
  ['POST', `${SHARES}?dryrun=true`, { principal: MARY }, 'dryrun is not known here: did you mean dryRun?'],
  ['GET', '/v1/secrets?limit=0', undefined, 'limit must be 1 or more.'],
  [
    'GET',
    '/v1/audit-events?from=yesterday',
    undefined,
    /^from must be a date-time or a date; for example 2030-01-31\.$/,
  ],
  [
    'POST',
    `${SECRET}/access-checks`,
    { principal: MARY, context: { 'aws:SourceIp': 1 } },
    'context/aws:SourceIp must be a text or a list.',
  ],
  ['POST', `${SECRET}/denial`, { principal: MARY }, /Did you mean \/v1\/secrets\/demo%2Fdatabase\/denials\?$/],
  ['GET', `${SECRET}/polcy`, undefined, /Did you mean \/v1\/secrets\/demo%2Fdatabase\/policy\?$/],
  [
    'POST',
    '/v1/secrets/demo/database/shares',
    { principal: MARY },
    /%2F: did you mean \/v1\/secrets\/demo%2Fdatabase\/shares\?$/,
  ],
  [
    'GET',
    '/v1/secrets/demo%2Fdatabse',
    undefined,
    /^AWS knows no secret demo\/databse\. Did you mean demo\/database\?/,
  ],
  ['GET', '/v1/secrets/Demo%2FDatabase/policy', undefined, /Did you mean demo\/database\?/],
  ['GET', '/v1/secrets/database', undefined, /Did you mean demo\/database\?/],
  ['GET', '/v1/secrets/nothing-like-it', undefined, /^AWS knows no secret nothing-like-it\. Check the name/],
  [
    'GET',
    `/v1/secrets/${encodeURIComponent(arn.replace('us-east-1', 'eu-west-1'))}`,
    undefined,
    /Its ARN is of the Region eu-west-1 and the account 111111111111: check these/,
  ],
  [
    'GET',
    `/v1/secrets/${encodeURIComponent('arn:aws:iam::111111111111:role/x')}`,
    undefined,
    'This is not the full ARN of something in an account and a Region.',
  ],
  share(
    { principal: 'arn:aws:iam::123456789999:user/Nobody' },
    /^AWS does not know arn:aws:iam::123456789999:user\/Nobody\./,
  ),
  [
    'POST',
    DENIALS,
    { principal: '111111111111', actions: ['secretsmanager:*'] },
    /“You” is this service, arn:aws:iam::111111111111:role\/secret-access-service: except it \(exceptPrincipals\)/,
  ],
];

t.test('each is told what to write instead', async (t) => {
  for (const [method, url, body, detail] of CASES) {
    const { json } = await call(method, url, body);
    const name = `${method} ${url} ${body === undefined ? '' : JSON.stringify(body).slice(0, 80)}`;
    if (typeof detail === 'string') t.equal(json.detail, detail, name);
    else t.match(json.detail, detail, name);
  }
});
