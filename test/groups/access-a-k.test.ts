import { together } from './together.ts';

await together('access/[a-k]*');
