import { connect } from 'node:net';

export type Answer = { status: number; headers: Record<string, string>; body: string; json: Record<string, unknown> };

/** Sends bytes as they are, in pieces if so, and reads until the server hangs up. */
export function exchange(url: string, ...pieces: (string | Buffer)[]): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = connect({ host: hostname, port: Number(port) }, () => {
    for (const piece of pieces) socket.write(piece);
  });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket
    .on('error', () => undefined)
    .on('close', () => (text === '' ? reject(new Error('no answer')) : resolve(read(text))));
  return promise;
}

function read(text: string): Answer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  const isJson = /[/+]json\b/.test(head);
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body,
    json: isJson ? JSON.parse(body) : {},
  };
}
