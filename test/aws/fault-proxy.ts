import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One call that came by: its operation, and which call of this operation it is (from 1). */
export type ProxiedCall = { operation: string; n: number; body: string };

export type Fault =
  /** Answers itself, in AWS's JSON 1.1 (or, for STS, Query) form; AWS is not asked. */
  | { do: 'answer'; status: number; error: string; message?: string; retryAfterSeconds?: number }
  /** Answers with this body, and 200 unless told otherwise; AWS is not asked. */
  | { do: 'reply'; body: string; status?: number; type?: string }
  /** Cuts the connection, before AWS is asked or after it has done the work. */
  | { do: 'drop'; when: 'before' | 'after' }
  /** Never answers; `after` has AWS do the work first. The connection stays open until the client gives up. */
  | { do: 'stall'; when: 'before' | 'after' }
  /** Gives the head and half of the answer, then nothing more. */
  | { do: 'stallHalfWay' }
  /** Waits, then goes on as usual. */
  | { do: 'delay'; milliseconds: number }
  /** Runs (kill a process, change the policy behind our back …), before AWS is asked or after it has done the work; then goes on. */
  | { do: 'hook'; when?: 'before' | 'after'; run: (call: ProxiedCall) => void | Promise<void> };

export const throttling = {
  do: 'answer',
  status: 400,
  error: 'ThrottlingException',
  message: 'Rate exceeded',
} satisfies Fault;
/**
 * An answer that holds until the deadline of a call is over, when that is less than five seconds: the SDK waits for the next
 * attempt that long, so that no deadline meets an attempt under way, of which nobody knows what came of it.
 */
export const forGood = (fault: Extract<Fault, { do: 'answer' }>): Fault => ({ ...fault, retryAfterSeconds: 60 });

export const internalServiceError = { do: 'answer', status: 500, error: 'InternalServiceError' } satisfies Fault;
export const accessDenied = (action: string): Fault => ({
  do: 'answer',
  status: 400,
  error: 'AccessDeniedException',
  message: `User: arn:aws:sts::111111111111:assumed-role/secret-access-service/s is not authorized to perform: ${action} on resource: *`,
});

export type FaultProxy = {
  url: string;
  port: number;
  /** How many calls came, of one operation (`PutResourcePolicy`) or of all. Each attempt of the SDK counts. */
  calls(operation?: string): number;
  /**
   * @param operation as in X-Amz-Target (`PutResourcePolicy`), STS's Action (`AssumeRole`), or `*`
   * @param which which calls, counted per operation from this moment on (from 1); all of them when left out. Several
   *   faults on one call happen in the order of injection.
   * @returns takes the fault away again
   */
  inject(operation: string, fault: Fault, which?: (n: number) => boolean): () => void;
  /** Takes all faults away and starts to count from 0. */
  clear(): void;
  close(): Promise<void>;
};

type Injection = { operation: string; fault: Fault; which: (n: number) => boolean; seen: Map<string, number> };

type Reply = { status: number; headers: NodeJS.Dict<string | string[] | number>; body: Buffer };

export type ProxyOptions = {
  target: string;
  port?: number;
  /** Stands between the proxy and AWS: calls `forward`, and gives its reply; one that rejects cuts the connection. */
  passing?: (call: ProxiedCall, forward: () => Promise<Reply>) => Promise<Reply>;
};

/** An HTTP proxy before any endpoint that speaks an AWS protocol. It causes faults on the wire, where they happen. */
export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const { passing = (_, forward) => forward() } = options;
  const target = new URL(options.target);
  const agent = new Agent({ keepAlive: true, maxSockets: 500 });
  const counts = new Map<string, number>();
  const injections = new Set<Injection>();

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const operation = operationOf(incoming, body);
    const call = { operation, n: countUp(counts, operation), body: body.toString() };
    const faults = [...injections]
      .filter((injection) => injection.operation === operation || injection.operation === '*')
      .filter((injection) => injection.which(countUp(injection.seen, operation)))
      .map(({ fault }) => fault);

    for (const fault of faults) {
      if (fault.do === 'delay') await sleep(fault.milliseconds);
      if (fault.do === 'hook' && fault.when !== 'after') await fault.run(call);
      if (fault.do === 'answer') return answer(incoming, outgoing, fault);
      if (fault.do === 'reply') {
        outgoing.writeHead(fault.status ?? 200, fault.type === undefined ? {} : { 'content-type': fault.type });
        return void outgoing.end(fault.body);
      }
      if (fault.do === 'drop' && fault.when === 'before') return void incoming.socket.destroy();
      if (fault.do === 'stall' && fault.when === 'before') return;
    }
    const reply = await passing(call, () => forward(incoming, body));
    for (const fault of faults) if (fault.do === 'hook' && fault.when === 'after') await fault.run(call);
    if (faults.some((fault) => fault.do === 'drop')) return void incoming.socket.destroy();
    if (faults.some((fault) => fault.do === 'stall')) return;
    outgoing.writeHead(reply.status, reply.headers);
    if (faults.some((fault) => fault.do === 'stallHalfWay')) {
      outgoing.write(reply.body.subarray(0, Math.ceil(reply.body.length / 2)));
      return;
    }
    outgoing.end(reply.body);
  }

  async function forward(incoming: IncomingMessage, body: Buffer): Promise<Reply> {
    const sent = request({
      host: target.hostname,
      port: target.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
      agent,
    });
    sent.end(body);
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = reply.headers;
    const content = await readAll(reply);
    return {
      status: reply.statusCode ?? 502,
      headers: { ...headers, 'content-length': content.length },
      body: content,
    };
  }

  const server = createServer((incoming, outgoing) => {
    // A target that is gone looks to the client like a lost connection.
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  // As AWS does, and longer than any client here is idle: a connection that is closed as a call takes it is a fault that nobody injected.
  server.keepAliveTimeout = 65_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls: (operation) =>
      operation === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(operation) ?? 0),
    inject(operation, fault, which = () => true) {
      const injection = { operation, fault, which, seen: new Map() };
      injections.add(injection);
      return () => injections.delete(injection);
    },
    clear() {
      injections.clear();
      counts.clear();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function operationOf(incoming: IncomingMessage, body: Buffer): string {
  const header = incoming.headers['x-amz-target'];
  if (typeof header === 'string') return header.slice(header.lastIndexOf('.') + 1);
  return new URLSearchParams(body.toString()).get('Action') ?? 'unknown';
}

function countUp(counts: Map<string, number>, operation: string): number {
  const n = (counts.get(operation) ?? 0) + 1;
  counts.set(operation, n);
  return n;
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse, fault: Extract<Fault, { do: 'answer' }>): void {
  const { error, message = error } = fault;
  const requestId = `fault-${Math.random().toString(36).slice(2)}`;
  const json = incoming.headers['x-amz-target'] !== undefined;
  if (fault.retryAfterSeconds !== undefined) outgoing.setHeader('retry-after', fault.retryAfterSeconds);
  outgoing.writeHead(fault.status, {
    'content-type': json ? 'application/x-amz-json-1.1' : 'text/xml',
    'x-amzn-requestid': requestId,
  });
  outgoing.end(
    json
      ? JSON.stringify({ __type: error, message })
      : `<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}
