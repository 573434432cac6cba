import { randomUUID } from 'node:crypto';
import { createSecretAccessClient } from './index.ts';

/**
 * A deployment that gives its new account a secret, as another service would: `node client/example.ts`, against local
 * mode or SECRET_ACCESS_URL.
 */
const client = createSecretAccessClient(process.env['SECRET_ACCESS_URL'] ?? 'http://127.0.0.1:3000');
const { data, error } = await client.POST('/v1/secrets/{secretId}/shares', {
  params: { path: { secretId: 'demo/database' }, header: { 'idempotency-key': randomUUID() } },
  body: { principal: '222222222222', reason: 'new environment', ticket: 'OPS-77' },
});
if (error) throw new Error(`${error.code}: ${error.detail}`);
for (const { leg, status, detail } of 'legs' in data ? data.legs : []) console.log(`${leg}: ${status}. ${detail}`);
