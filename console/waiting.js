import { signal } from '@preact/signals';

/** How many changes wait for whoever looks, `isPart` where there may be more: the rail shows it. */
export const waiting = signal({ count: 0, isPart: false });
