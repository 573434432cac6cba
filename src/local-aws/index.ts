import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../clock.ts';
import { parseSecretArn, partitionOfRegion } from '../policy/arn.ts';
import type { PolicyDocument } from '../policy/document.ts';
import { isLoopback } from '../secure-url.ts';
import type { Call } from './call.ts';
import { Accounts } from './directory/accounts.ts';
import { Directory } from './directory/directory.ts';
import { Organizations } from './directory/organizations.ts';
import { callerOf } from './enforcement/credentials.ts';
import { isRecorded, runRecorded } from './events/index.ts';
import type { LocalAws } from './local-aws.ts';
import { serve, unknownOperation, type WireCall } from './protocol/json-protocol.ts';
import type { SecretRecord } from './records.ts';
import { secretKey } from './secrets-manager/secret-record.ts';
import { SERVICES } from './services.ts';
import { longPolled } from './sqs/waiting.ts';
import { Store } from './store.ts';

export type { LocalAws } from './local-aws.ts';
export { seed } from './seed.ts';
export { seedEstate } from './seed-estate.ts';
export { EVENTS_QUEUE } from './seed-queue.ts';

export type LocalAwsOptions = {
  /** A loopback address or `localhost`; 127.0.0.1 unless given. */
  host?: string;
  /** 0 picks a free one. */
  port: number;
  /** A path, whose data survive a restart, or `:memory:`. */
  file: string;
  clock?: Clock;
  /**
   * Milliseconds until a secret's policy, and a grant or its end, are seen: AWS promises eventual consistency only, and
   * up to five minutes for grants. 0 unless given.
   */
  lagMs?: number;
  /** The identity policy of the service's own role; docs/iam-policy.json unless given. */
  servicePolicy?: PolicyDocument;
  /** The ARN of the queue that gets the events of changes, once it is there: EVENTS_QUEUE for the seed's; none unless given. */
  eventsQueue?: string;
};

/**
 * Starts the embedded stand-in for Secrets Manager, KMS and STS, over HTTP on loopback. A part for development and
 * tests only: it keeps secrets in clear text and checks no signature.
 * @throws Error in production, or when the host is not loopback; the error of listen (code EADDRINUSE) when the port is taken
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const {
    host = '127.0.0.1',
    port,
    file,
    clock = () => new Date(),
    lagMs = 0,
    servicePolicy = defaultServicePolicy(),
    eventsQueue,
  } = options;
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error('The local AWS stand-in does not start in production (NODE_ENV=production).');
  }
  if (!isLoopback(host)) {
    throw new Error(`The local AWS stand-in listens on loopback only, not on ${host}.`);
  }
  const store = new Store(file);
  const accounts = new Accounts(store, clock);
  const directory = new Directory(store, clock);
  const organizations = new Organizations(store);

  const dispatch = (wire: WireCall): object => {
    const { operations } = SERVICES[wire.service];
    const run = Object.hasOwn(operations, wire.operation) ? operations[wire.operation] : undefined;
    if (run === undefined) throw unknownOperation();
    if (isRecorded(wire)) {
      return runRecorded(
        store,
        eventsQueue,
        wire,
        () => callOf(wire),
        (call) => run(call, wire.input),
      );
    }
    return store.transaction(() => run(callOf(wire), wire.input));
  };
  const callOf = ({ service, operation, credential, network, userAgent }: WireCall): Call => {
    const now = clock();
    const { region } = credential;
    const caller = callerOf(credential, now, store, directory);
    const action = `${service}:${operation}`;
    return {
      action,
      caller,
      region,
      partition: partitionOfRegion(region),
      now,
      network,
      userAgent,
      url,
      lagMs,
      store,
      accounts,
      directory,
      organizations,
    };
  };

  const { arrivals } = store.messages;
  const answer = (wire: WireCall, client: ServerResponse) => longPolled(() => dispatch(wire), arrivals, client);
  const server = createServer((request, response) => void serve(request, response, answer));
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    store.close();
    throw error;
  }

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;

  return {
    url,
    accounts,
    directory,
    organizations,
    servicePolicy,
    call: (accessKeyId, region, service, operation, input, network = { sourceIp: '127.0.0.1' }) => {
      const credential = { accessKeyId, region, service, token: undefined };
      const wire = { service, operation, input, credential, network, userAgent: 'local', requestId: randomUUID() };
      return dispatch(wire) as Record<string, unknown>;
    },
    setOwningService: (secretArn, service, behaviour) =>
      setOwningService(store, secretArn, service, behaviour?.closed === true),
    keptPolicy: (secretArn) => recordOf(store, secretArn).policy,
    keepPolicy: (secretArn, policy) => saveRecord(store, { ...recordOf(store, secretArn), policy }),
    rotationFault: (secretArn) => recordOf(store, secretArn).rotation?.fault,
    waitingReceivers: () => arrivals.waiting,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      arrivals.close();
      server.closeAllConnections();
      await closed;
      store.close();
    },
  };
}

const defaultServicePolicy = (): PolicyDocument =>
  JSON.parse(readFileSync(new URL('../../docs/iam-policy.json', import.meta.url), 'utf8')) as PolicyDocument;

function setOwningService(store: Store, arn: string, service: string | null, closed: boolean): void {
  const { owningService: _, closedByService: __, ...own } = recordOf(store, arn);
  const managed =
    service === null ? {} : { owningService: service, ...(closed && ({ closedByService: true } as const)) };
  saveRecord(store, { ...own, ...managed });
}

const saveRecord = (store: Store, record: SecretRecord): void =>
  store.put('secret', secretKey(record.account, record.primaryRegion, record.name), record);

/** @throws Error when there is no such secret; a replica is not one */
function recordOf(store: Store, arn: string): SecretRecord {
  const secret = parseSecretArn(arn);
  const record = secret && store.get('secret', secretKey(secret.account, secret.region, secret.name));
  if (record === undefined) throw new Error(`There is no secret ${arn}.`);
  return record;
}
