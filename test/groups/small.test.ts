import { together } from './together.ts';

await together('authentication', 'authorization', 'aws', 'client', 'deploy', 'openapi', 'problems');
