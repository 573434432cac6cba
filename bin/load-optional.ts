import { globSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * Loads what the service itself loads only where its configuration asks for it: every `import('./…')` of src/. The build of
 * the image does so once, since its compile cache can't be written later (Dockerfile).
 */
const sources = globSync(`${import.meta.dirname}/../src/**/*.ts`, { exclude: ['**/local-aws'] });
for (const file of sources) {
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/\bimport\('(\.\.?\/[^']+)'\)/g)) {
    await import(new URL(path, pathToFileURL(file)).href);
  }
}
