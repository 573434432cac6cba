import { createHash, createHmac } from 'node:crypto';

export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };

/** An error of IAM: `name` is its code, as with the SDK. */
class IamError extends Error {
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/**
 * The few calls of IAM that the kit makes, signed by Signature Version 4: for six of them no SDK client is worth its size.
 * @param endpoint IAM's own unless given
 * @returns a call by the name of its action; members of lists are named as the API Reference does (`Tags.member.1.Key`)
 * @throws IamError
 */
export const createIamClient =
  (credentials: () => Promise<Keys>, endpoint = 'https://iam.amazonaws.com') =>
  async (action: string, parameters: Record<string, string> = {}): Promise<string> => {
    const url = new URL('/', endpoint);
    const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString();
    const headers = signed(url.host, body, await credentials(), new Date());
    const response = await fetch(url, { method: 'POST', headers, body });
    const text = await response.text();
    if (response.ok) return text;
    throw new IamError(elementOf(text, 'Code') ?? String(response.status), elementOf(text, 'Message') ?? text);
  };

/** The text of the first element of that name in an answer. */
export const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

export const elementsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);

const REGION = 'us-east-1';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Source: IAM User Guide, "Create a signed AWS API request". */
function signed(host: string, body: string, keys: Keys, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host,
    'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonical = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const request = ['POST', '/', '', canonical, names.join(';'), sha256(body)].join('\n');
  const scope = `${day}/${REGION}/iam/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [REGION, 'iam', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${keys.secretAccessKey}`, day));
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  const { host: _, ...sent } = headers;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...sent, authorization };
}
