import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded by loaded.test.ts: at the end of the process, the packages of which it loaded something are in a file. */
const packages = new Set<string>();
registerHooks({
  load(url, context, next) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(String(process.env['PACKAGES_FILE']), JSON.stringify([...packages])));
