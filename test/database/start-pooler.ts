import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';

/** What pgbouncer takes of who connects; what else is asked for, it refuses. */
const TAKEN = ['user', 'database', 'client_encoding', 'application_name', 'datestyle', 'timezone'];

type Options = {
  mode: 'session' | 'transaction';
  /** Which session a transaction has: the one that was free last, or first. */
  next?: 'last' | 'first';
};

/**
 * A pooler before PostgreSQL that does as pgbouncer: in session mode each connection has a session of its own; in
 * transaction mode each of its transactions has one that is free.
 * @param urls of databases, which sessions are of in turns
 * @returns the URL by which it is reached
 */
export async function startPooler(t: Test, urls: string[], { mode, next = 'last' }: Options): Promise<string> {
  const [url = ''] = urls;
  let sessions = 0;
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
    const { hostname, port, pathname } = new URL(urls[sessions++ % urls.length] ?? '');
    const session = openSession(keep(connect(Number(port), hostname)));
    let lent: Session | undefined = session;
    const transactions = (data: Buffer) => {
      lent ??= next === 'last' ? free.pop() : free.shift();
      lent?.ask(data, client, () => {
        if (mode === 'session' || lent === undefined) return;
        free.push(lent);
        lent = undefined;
      });
    };
    client.on('data', transactions).on('close', () => lent?.close());
    transactions(withDatabase(start, pathname.slice(1)));
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

/** The texts of a startup message: after its length and the protocol's version, names and values end with a zero each. */
const textsOf = (start: Buffer): string[] => start.toString('utf8', 8).split('\0');
const parametersOf = (start: Buffer): string[] =>
  textsOf(start).filter((text, index) => index % 2 === 0 && text !== '');

function withDatabase(start: Buffer, name: string): Buffer {
  const texts = textsOf(start).map((text, index, all) => (all[index - 1] === 'database' ? name : text));
  const message = Buffer.concat([start.subarray(0, 8), Buffer.from(texts.join('\0'))]);
  message.writeInt32BE(message.length);
  return message;
}

function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
