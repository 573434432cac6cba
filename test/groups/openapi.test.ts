import { together } from './together.ts';

await together('authentication', 'authorization', 'docs', 'openapi', 'problems');
