import { createHash, createHmac, randomBytes } from 'node:crypto';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import t from 'tap';
import { Sha256 } from '../../src/aws/calls/sha256.ts';

t.test('a signature is the one that the SDK makes by itself', async (t) => {
  const body = JSON.stringify({ SecretId: 'prod/ü' });
  const headers = { host: 'secretsmanager.us-east-1.amazonaws.com', 'x-amz-target': 'secretsmanager.DescribeSecret' };
  const signatureBy = async (sha256: typeof Sha256 | typeof Plain) => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: 'token' };
    const signer = new SignatureV4({ credentials, region: 'us-east-1', service: 'secretsmanager', sha256 });
    const request = new HttpRequest({ method: 'POST', protocol: 'https:', path: '/', headers, body });
    const signed = await signer.sign(request, { signingDate: new Date('2026-01-01T00:00:00Z') });
    return signed.headers['authorization'];
  };
  const own = await signatureBy(Sha256);
  t.match(own, /Signature=[0-9a-f]{64}$/);
  t.equal(own, await signatureBy(Plain));
});

t.test('hashes and HMACs are those of node:crypto, in one piece or in several', async (t) => {
  const [one, other] = [randomBytes(40), randomBytes(0)];
  for (const secret of [undefined, 'AWS4secret', randomBytes(32), new Uint8Array(randomBytes(32)).buffer]) {
    for (const pieces of [[], [one], [one, other, one]]) {
      const [ours, theirs] = [new Sha256(secret), new Plain(secret)];
      for (const piece of pieces) {
        ours.update(piece);
        theirs.update(piece);
      }
      t.same(Buffer.from(await ours.digest()), Buffer.from(await theirs.digest()));
      ours.reset();
      t.same(Buffer.from(await ours.digest()), Buffer.from(await new Plain(secret).digest()), 'after a reset');
    }
  }
});

class Plain {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? Buffer.from(secret) : (secret as string | Uint8Array | undefined);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('is not asked for');
  }
}
