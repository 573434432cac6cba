import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

/** Control groups as version 1 has them, and version 2. */
const KINDS = [
  ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
  ['/sys/fs/cgroup', 'memory.max'],
] as const;

/**
 * A control group whose processes are killed when they take more memory, as a container's are.
 * @returns its directory; undefined where this user may make none
 */
export function limitedMemory(t: Test, mebibytes: number): string | undefined {
  for (const [root, limit] of KINDS) {
    const group = join(root, `secret-access-test-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    t.teardown(() => rmdirSync(group));
    try {
      writeFileSync(join(group, limit), String(mebibytes * 1_048_576));
      return group;
    } catch {
      // There is no controller of memory here.
    }
  }
  return undefined;
}
