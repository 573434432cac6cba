import { setFlagsFromString } from 'node:v8';

/** From now on V8 collects garbage sooner than it makes the heap larger: less memory, for some per cent of the time. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}

/** V8 decides by the load again: these are its own defaults. */
export function letHeapGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
}

let holders = 0;

/**
 * For as long as something runs whose every step is garbage soon after: an export, a verification, a survey. The heap would grow to
 * some times of what lives. @returns ends it
 */
export function holdHeapSmall(): () => void {
  holders += 1;
  if (holders === 1) keepHeapSmall();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders === 0) letHeapGrow();
  };
}
