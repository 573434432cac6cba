import type { Test } from 'tap';
import type { AuditEvent } from '../../src/audit/event.ts';
import type { ServiceOverrides } from '../../src/services/adapters.ts';
import { type FaultProxy, startFaultProxy } from '../aws/fault-proxy.ts';
import { build } from '../helper.ts';
import { inWords } from './journal-facts.ts';

const SHARES = '/v1/secrets/demo%2Fdatabase/shares';

/** The service in this process, for faults that leave it alive; before its Secrets Manager, the proxy that causes them. */
export async function startInProcess(
  t: Test,
  { env, ...overrides }: { env?: Record<string, string> } & Pick<ServiceOverrides, 'aws' | 'timing' | 'clock'>,
) {
  const opened: FaultProxy[] = [];
  const service = await build(t, {
    ...(env && { env }),
    endpoint: async (local) => {
      const proxy = await startFaultProxy({ target: local.url });
      opened.push(proxy);
      return proxy.url;
    },
    overrides,
  });
  const [proxy] = opened;
  if (proxy === undefined) throw new Error('The proxy did not start.');
  t.teardown(() => proxy.close());
  const { call } = service;

  const events = async (phase: AuditEvent['phase']): Promise<AuditEvent[]> => {
    const { status, body, json } = await call('GET', '/v1/audit-events?limit=1000');
    if (status !== 200) throw new Error(body);
    return json.items.filter((event: AuditEvent) => event.phase === phase);
  };
  return {
    ...service,
    proxy,
    /** How many shares the policy of `demo/database` holds, by the service's own account. */
    shares: async (): Promise<number> => (await call('GET', SHARES)).json.items.length,
    /** In words (journal-facts.ts), newest first. */
    outcomes: async () => (await events('outcome')).map(inWords),
    /** Newest first. */
    intents: () => events('intent'),
  };
}
