import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { Test } from 'tap';
import { until } from '../wait.ts';

/** As nginx with `proxy_pass http://…/;`, many gateways, and Envoy with its normalizations: the path is decoded, then tidied. */
export async function startDecodingProxy(t: Test, target: string): Promise<string> {
  const server = createServer((incoming, answer) => {
    const [path = '', query] = (incoming.url ?? '').split('?', 2);
    const tidy = encodeURI(posix.normalize(decodeURIComponent(path)));
    const { method = 'GET', headers } = incoming;
    const passed = request(
      `${target}${query === undefined ? tidy : `${tidy}?${query}`}`,
      { method, headers },
      (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(answer);
      },
    );
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

/** @param proxyPass of its configuration: with a path it decodes, without one it does not */
export async function startNginx(t: Test, proxyPass: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory};`);
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off; pid ${directory}/pid; error_log stderr;
     events {}
     http { access_log off; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; location / { proxy_pass ${proxyPass}; } } }`,
  );
  const nginx = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: 'ignore' });
  t.teardown(async () => {
    nginx.kill();
    if (nginx.exitCode === null) await once(nginx, 'exit');
    rmSync(directory, { recursive: true });
  });
  await until(() => accepts(port));
  return `http://127.0.0.1:${port}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const [opened] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    once(socket, 'close').then(() => [false]),
  ]).catch(() => [false]);
  socket.destroy();
  return opened === true;
}
