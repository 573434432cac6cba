import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';

/** JavaScript and types for whoever installs the package: Node.js strips no types of what lies in node_modules. */
const here = import.meta.dirname;
rmSync(`${here}/dist`, { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: here, stdio: 'inherit' });
copyFileSync(`${here}/schema.d.ts`, `${here}/dist/schema.d.ts`);
copyFileSync(`${here}/../LICENSE`, `${here}/LICENSE`);
