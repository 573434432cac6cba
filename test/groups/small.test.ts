import { together } from './together.ts';

await together('authentication', 'authorization', 'aws', 'client', 'deploy', 'estate', 'openapi', 'problems');
