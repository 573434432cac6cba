import type { Test } from 'tap';
import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { MARY } from '../helper.ts';
import { keyedSecret, type Leg } from './keyed-secret.ts';

/** The settings by which readers' own policies are read in the accounts of the demo's readers. */
export const READERS = {
  READER_ROLE_NAME: 'secret-access-reader',
  READER_ROLE_EXTERNAL_ID: 'local-reader',
  READER_ACCOUNTS: '123456789999,222222222222',
};

export const document = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
export const only = (...Action: string[]): PolicyDocument => document({ Effect: 'Allow', Action, Resource: '*' });

export type OwnLeg = Leg & { asOf?: string; unlessLimitedBy?: string[] };

/** A secret whose policy and key let Mary, all of whose account can be changed by its administrator. */
export async function readBySecret(t: Test, env: Record<string, string> = {}) {
  let proxy: FaultProxy | undefined;
  const secret = await keyedSecret(t, {
    env: { ...READERS, ...env },
    endpoint: async ({ url }) => {
      proxy = await startFaultProxy({ target: url });
      return proxy.url;
    },
  });
  t.teardown(() => proxy?.close());
  const { aws, call, url, later } = secret;
  const admin = { arn: 'arn:aws:iam::123456789999:user/admin', policies: [only('*')], accessKeyId: 'LOCALADMIN' };
  aws.directory.createUser(admin);
  await secret.putKeyPolicy([{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }]);
  await secret.share();
  later();
  return {
    ...secret,
    /** How often the service asked for this operation. */
    asked: (operation: string): number => proxy?.calls(operation) ?? 0,
    iam: (operation: string, input: object) => aws.call('LOCALADMIN', 'us-east-1', 'iam', operation, input),
    /** The leg of an access check, once what was seen before is no longer remembered. */
    async ownLeg(principal = MARY, action = 'secretsmanager:GetSecretValue'): Promise<OwnLeg> {
      later();
      const { json } = await call('POST', `${url}/access-checks`, { principal, action });
      return json.legs.find(({ leg }: Leg) => leg === 'identityPolicy');
    },
  };
}
