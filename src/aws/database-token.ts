import { STSClient } from '@aws-sdk/client-sts';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Seconds for which RDS takes a token; a connection that is made stays. */
const VALID_FOR = 900;
const OF_RDS = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/;

/**
 * Passwords for IAM database authentication: each is signed here, with the credentials of the SDK's own chain, and none is
 * asked of AWS. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 * @param url `postgres://USER@HOST:PORT/DATABASE`
 * @param ownRegion of databases whose host does not name one
 * @returns a new token, each time
 */
export function createDatabaseTokens(url: string, ownRegion: string): () => Promise<string> {
  const { hostname, port, username } = new URL(url);
  const region = OF_RDS.exec(hostname)?.[1] ?? ownRegion;
  const host = `${hostname}:${port || '5432'}`;
  const { credentials } = new STSClient({ region }).config;
  const signer = new SignatureV4({ service: 'rds-db', region, credentials, sha256: Sha256 });
  return async () => {
    const connect = {
      ...{ method: 'GET', protocol: 'https:', hostname, path: '/', headers: { host } },
      query: { Action: 'connect', DBUser: decodeURIComponent(username) },
    };
    const { query = {} } = await signer.presign(connect, { expiresIn: VALID_FOR });
    const parameters = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`);
    return `${host}/?${parameters.join('&')}`;
  };
}

/** As it was signed: RFC 3986 leaves fewer characters alone than encodeURIComponent. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
