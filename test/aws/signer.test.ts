import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import t from 'tap';
import { createSigner } from '../../src/aws/signer.ts';

const MORNING = new Date('2026-01-01T09:00:00.123Z');
const NEXT_DAY = new Date('2026-01-02T00:00:00Z');
const headers = {
  host: 'secretsmanager.us-east-1.amazonaws.com',
  'content-type': 'application/x-amz-json-1.1',
  'user-agent': 'aws-sdk-js/3  ua/2',
  'x-amz-user-agent': ' aws-sdk-js/3  ua/2 ',
  'x-amz-target': 'secretsmanager.DescribeSecret',
  'content-length': '22',
};
const post = { method: 'POST', protocol: 'https:', hostname: headers.host, path: '/', headers };
const requests = [
  { ...post, body: '{"SecretId":"prod/ü"}' },
  { ...post, body: new TextEncoder().encode('{"SecretId":"prod/ü"}') },
  { ...post, body: '', port: 8443 },
  { ...post, headers: { ...headers, traceparent: '00-1-2-03', 'X-Amzn-Trace-Id': 'Root=1' }, body: '{}' },
  { ...post, headers: { ...headers, 'x-amzn-trace-id': 'Root=1', expect: '100-continue' }, body: '{}' },
  { ...post, path: '/behind a proxy/', query: { b: '2', a: '1' }, body: '{}' },
  { ...post, method: 'GET', body: undefined },
];

t.test('requests are signed as the SDK signs them, to the letter', async (t) => {
  for (const sessionToken of [undefined, 'a token']) {
    const given = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI',
      ...(sessionToken && { sessionToken }),
    };
    const client = { credentials: async () => given, region: 'us-east-1', service: 'secretsmanager' };
    const [ours, theirs] = [createSigner(client), new SignatureV4({ ...client, sha256: Sha256 })];
    for (const how of [
      { signingDate: MORNING },
      { signingDate: NEXT_DAY },
      { signingDate: MORNING, signingRegion: 'eu-west-1', signingService: 'kms' },
      { signingDate: '2026-01-01T09:00:00Z' },
    ]) {
      for (const asked of requests) {
        const request = new HttpRequest({ ...asked, headers: { ...asked.headers } });
        const signed = await ours.sign(request, how);
        t.same(signed.headers, (await theirs.sign(new HttpRequest(asked), how)).headers);
        t.match(signed.headers['authorization'], /Signature=[0-9a-f]{64}$/);
        t.match({ ...signed, headers: {} }, { ...request, headers: {} }, 'and nothing else of them changes');
        t.same(request.headers, asked.headers, 'another attempt begins from what was asked');
      }
    }
  }
});

t.test('a key that was renewed signs from then on', async (t) => {
  let secretAccessKey = 'first';
  const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey });
  const client = { credentials, region: 'us-east-1', service: 'secretsmanager' };
  const [ours, theirs] = [createSigner(client), new SignatureV4({ ...client, sha256: Sha256 })];
  for (secretAccessKey of ['first', 'second', 'first']) {
    const request = new HttpRequest({ ...post, body: '{}' });
    const how = { signingDate: MORNING };
    t.same((await ours.sign(request, how)).headers, (await theirs.sign(request, how)).headers);
  }
});
