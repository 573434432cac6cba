import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../src/hash.ts';

/** What the console imports by name: modules as their packages ship them, nothing is built. */
const FIRST = ['preact', 'preact/hooks', '@preact/signals', '@preact/signals-core', 'htm', 'openapi-fetch'];
/** And what for only where people sign in. */
const LIBRARIES = [...FIRST, 'oauth4webapi'];
const ROOT = fileURLToPath(new URL('../../console/', import.meta.url));

/** A file by its folder and its name in that: what @fastify/static sends. */
type ConsoleFile = { folder: string; name: string };

/** What browsers load, by the path under `/console-files/{version}/`. Nothing else is served. */
export const consoleFiles = (): ReadonlyMap<string, ConsoleFile> =>
  new Map([
    ...readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:js|css|svg)$/.test(path))
      .map((path) => [path, placeOf(join(ROOT, path))] as const),
    ...LIBRARIES.map((library) => [addressOf(library), placeOf(fileURLToPath(import.meta.resolve(library)))] as const),
  ]);

const placeOf = (path: string): ConsoleFile => ({ folder: dirname(path), name: basename(path) });
const addressOf = (library: string): string => `vendor/${library.replace('@', '')}.js`;

/** Another whenever a file is: browsers keep what has it for ever. */
export function versionOf(files: ReadonlyMap<string, ConsoleFile>): string {
  const parts = [...files].flatMap(([path, { folder, name }]) => [Buffer.from(path), readFileSync(join(folder, name))]);
  return sha256(Buffer.concat(parts)).slice(0, 16);
}

/** The one page, and what its Content-Security-Policy must let run: its import map, the only script that stands in it. */
export function consolePage(
  files: ReadonlyMap<string, ConsoleFile>,
  version: string,
): { html: string; script: string } {
  const base = `/console-files/${version}/`;
  const imports = Object.fromEntries(LIBRARIES.map((library) => [library, base + addressOf(library)]));
  const importMap = JSON.stringify({ imports });
  const first = [...neededBy('main.js', files), ...FIRST.map(addressOf)];
  const preloads = first.map((path) => `<link rel="modulepreload" href="${base}${path}">`);
  const html = readFileSync(join(ROOT, 'index.html'), 'utf8')
    .replaceAll('{base}', base)
    .replace('{"imports":{}}', importMap)
    .replace('{preloads}', preloads.join('\n'));
  return { html, script: `'sha256-${sha256(importMap, 'base64')}'` };
}

/** A module and all that it imports, those that it loads later aside. */
function neededBy(path: string, files: ReadonlyMap<string, ConsoleFile>, seen = new Set<string>()): Set<string> {
  const file = files.get(path);
  if (file === undefined || seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(file.folder, file.name), 'utf8');
  for (const [, from = ''] of text.matchAll(/^(?:import|\}).* from '(\.[^']+)';$/gm)) {
    neededBy(posix.join(posix.dirname(path), from), files, seen);
  }
  return seen;
}
