import { signal } from '@preact/signals';

/** How many changes wait for whoever looks: the rail shows it, the inbox counts it. */
export const waitingCount = signal(0);
