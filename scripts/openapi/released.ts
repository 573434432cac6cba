import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, incompatibilities } from './compare.ts';

/**
 * `npm run openapi:check`: what breaks clients of the last released document fails, unless the version says so
 * (docs/api-versioning.md). With --release the document of today becomes the released one.
 */
const at = (name: string) => new URL(`../../openapi/${name}`, import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8')) as Document;

/** Semantic versioning: the first part that is not 0 counts breaks. */
function saysSo(before: string, after: string): boolean {
  const [old, now] = [before, after].map((version) => version.split('.').map(Number));
  const counts = old?.[0] === 0 ? 1 : 0;
  return (now?.[0] ?? 0) > (old?.[0] ?? 0) || (counts === 1 && now?.[0] === 0 && (now[1] ?? 0) > (old?.[1] ?? 0));
}

const document = read('openapi.json');
if (process.argv.includes('--release')) {
  writeFileSync(at('released.json'), `${JSON.stringify(document)}\n`);
} else {
  const released = read('released.json');
  const broken = incompatibilities(released, document);
  if (broken.length > 0 && !saysSo(released.info.version, document.info.version)) {
    console.error(`openapi/openapi.json breaks clients of ${released.info.version}, and its version does not say so:`);
    for (const what of broken) console.error(`  ${what}`);
    process.exitCode = 1;
  }
}
