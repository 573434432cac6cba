import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import { sha256 } from '../hash.ts';
import type { Credentials } from './assume-role.ts';
import { Sha256 } from './sha256.ts';

type How = { signingDate?: Date | string | number; signingRegion?: string; signingService?: string };
type Signer = { sign(request: HttpRequest, how?: How): Promise<HttpRequest> };

/**
 * Signs the requests of a client as the SDK does, to the letter, in a part of its time: the SDK makes a signer anew for each
 * request, out of a copy of the client's whole configuration. What is no plain POST to `/` is left to it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigner(client: {
  credentials: () => Promise<Credentials>;
  region: string;
  service: string;
}): Signer {
  const { credentials, region, service } = client;
  const ofTheSdk = new SignatureV4({ ...client, sha256: Sha256 });
  const keyFor = createSigningKeys();

  return {
    async sign(request, how = {}) {
      const { signingDate, signingRegion = region, signingService = service } = how;
      if (!isPlain(request) || !(signingDate instanceof Date))
        return new HttpRequest(await ofTheSdk.sign(request, how));
      const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
      const time = signingDate.toISOString().replaceAll(/[-:]|\.\d+/g, '');
      const scope = [time.slice(0, 8), signingRegion, signingService, 'aws4_request'];
      const payload = sha256(request.body);
      // Another attempt is signed anew, without what this one gets on its way.
      const headers: HttpRequest['headers'] = {
        ...request.headers,
        'x-amz-date': time,
        ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
        'x-amz-content-sha256': payload,
      };
      const names = Object.keys(headers).filter(isSigned).sort();
      const lines = names.map((name) => `${name}:${headers[name]?.replaceAll(/\s+/g, ' ').trim()}\n`).join('');
      const signed = names.join(';');
      const asked = `AWS4-HMAC-SHA256\n${time}\n${scope.join('/')}\n${sha256(`POST\n/\n\n${lines}\n${signed}\n${payload}`)}`;
      const signature = createHmac('sha256', keyFor(secretAccessKey, scope)).update(asked).digest('hex');
      headers['authorization'] =
        `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
      return new HttpRequest({ ...request, headers });
    },
  };
}

const isPlain = ({ method, path, query, headers, body }: HttpRequest): boolean =>
  method === 'POST' &&
  path === '/' &&
  Object.keys(query).length === 0 &&
  (typeof body === 'string' || body instanceof Uint8Array) &&
  Object.keys(headers).every((name) => name === name.toLowerCase() && !name.startsWith('sec-'));

/** What those on the way may change. The SDK leaves out more, of which it sends nothing. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'expect',
  'user-agent',
  'x-amzn-trace-id',
]);
const isSigned = (name: string): boolean => !UNSIGNED.has(name);

/** A key is of a day, a Region and a service: the last one is kept. */
function createSigningKeys(): (secret: string, scope: readonly string[]) => KeyObject {
  let of = '';
  let key: KeyObject | undefined;
  return (secret, scope) => {
    const asked = [secret, ...scope].join('/');
    if (key === undefined || asked !== of) {
      const bytes = scope.reduce<Buffer | string>(
        (last, part) => createHmac('sha256', last).update(part).digest(),
        `AWS4${secret}`,
      );
      key = createSecretKey(Buffer.from(bytes));
      of = asked;
    }
    return key;
  };
}
