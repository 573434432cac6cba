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
