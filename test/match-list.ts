import type { Test } from 'tap';

/** As many elements as patterns, each matching its own. (`t.match` is content with a list that is longer.) */
export function matchList(
  t: Test,
  list: readonly unknown[] | undefined,
  patterns: readonly unknown[],
  message?: string,
): void {
  t.equal(list?.length, patterns.length, message ?? 'no more and no fewer');
  t.match(list, patterns, message ?? 'each as it should be');
}
