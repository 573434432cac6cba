import { createHash, createHmac } from 'node:crypto';
import t from 'tap';
import { createDatabaseTokens } from '../../src/aws/database-token.ts';

/** Signature Version 4, by the steps of AWS's documentation, of a URL that was signed. */
function signatureOf(token: string, secret: string): string {
  const url = new URL(`https://${token}`);
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const hash = (data: string) => createHash('sha256').update(data).digest('hex');
  const canonical = ['GET', '/', text, `host:${url.host}`, '', 'host', hash('')].join('\n');
  const [, ...scope] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const toSign = ['AWS4-HMAC-SHA256', url.searchParams.get('X-Amz-Date'), scope.join('/'), hash(canonical)].join('\n');
  const key = scope.reduce<Buffer | string>(
    (by, part) => createHmac('sha256', by).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

t.test('a token for a database is signed by the SDK’s own credentials, for its Region and user', async (t) => {
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG' };
  for (const [name, value] of Object.entries(credentials)) {
    const before = process.env[name];
    process.env[name] = value;
    t.teardown(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  const hosts = {
    'db.abc123.eu-west-1.rds.amazonaws.com': 'eu-west-1',
    'db.proxy-abc123.cn-north-1.rds.amazonaws.com.cn': 'cn-north-1',
    'database.internal': 'us-east-2',
  };
  for (const [host, region] of Object.entries(hosts)) {
    const token = await createDatabaseTokens(`postgres://audit%20user@${host}/audit`, 'us-east-2')();
    t.ok(token.startsWith(`${host}:5432/?`), token);
    const { searchParams } = new URL(`https://${token}`);
    t.equal(searchParams.get('Action'), 'connect');
    t.equal(searchParams.get('DBUser'), 'audit user');
    t.equal(searchParams.get('X-Amz-Expires'), '900');
    t.match(searchParams.get('X-Amz-Credential'), new RegExp(`^AKIDEXAMPLE/\\d{8}/${region}/rds-db/aws4_request$`));
    t.equal(searchParams.get('X-Amz-Signature'), signatureOf(token, credentials.AWS_SECRET_ACCESS_KEY));
  }
});
