import { together } from './together.ts';

await together('local-aws');
