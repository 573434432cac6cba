import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';

/** What pgbouncer takes of who connects; what else is asked for, it refuses. */
const TAKEN = ['user', 'database', 'client_encoding', 'application_name', 'datestyle', 'timezone'];

/**
 * A pooler before PostgreSQL that does as pgbouncer: in session mode each connection has a session of its own; in
 * transaction mode each of its transactions has the one that was free last.
 * @returns the URL by which it is reached
 */
export async function startPooler(t: Test, url: string, mode: 'session' | 'transaction'): Promise<string> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy());
  };
  const free: Session[] = [];

  async function serve(client: Socket): Promise<void> {
    const [start] = (await once(client, 'data')) as [Buffer];
    const refused = parametersOf(start).find((name) => !TAKEN.includes(name));
    if (refused !== undefined) return void client.end(refusal(`unsupported startup parameter: ${refused}`));
    const session = openSession(keep(connect(Number(port), hostname)));
    let lent: Session | undefined = session;
    const transactions = (data: Buffer) => {
      lent ??= free.pop();
      lent?.ask(data, client, () => {
        if (mode === 'session' || lent === undefined) return;
        free.push(lent);
        lent = undefined;
      });
    };
    client.on('data', transactions).on('close', () => lent?.close());
    transactions(start);
  }

  const server = createServer((client) => void serve(keep(client)).catch(() => client.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(new URL(url), { port: String((server.address() as AddressInfo).port) }).href;
}

type Session = ReturnType<typeof openSession>;

/** One session of the server, which tells when a transaction is over. */
function openSession(socket: Socket) {
  let asker: { client: Socket; over: () => void } | undefined;
  let unread = Buffer.alloc(0);
  socket.on('data', (data) => {
    asker?.client.write(data);
    unread = Buffer.concat([unread, data]);
    let isOver = false;
    while (unread.length >= 5 && unread.length > unread.readInt32BE(1)) {
      const end = 1 + unread.readInt32BE(1);
      // ReadyForQuery, and no transaction is open.
      isOver = unread.toString('latin1', 0, 1) === 'Z' && unread.toString('latin1', 5, 6) === 'I';
      unread = unread.subarray(end);
    }
    if (isOver) asker?.over();
  });
  return {
    ask(data: Buffer, client: Socket, over: () => void): void {
      asker = { client, over };
      socket.write(data);
    },
    close: () => socket.destroy(),
  };
}

/** The names in a startup message: after its length and the protocol's version, names and values end with a zero each. */
const parametersOf = (start: Buffer): string[] =>
  start
    .toString('utf8', 8)
    .split('\0')
    .filter((text, index) => index % 2 === 0 && text !== '');

function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
