import { together } from './together.ts';

await together('access/[l-z]*');
