import { together } from './together.ts';

await together('authentication', 'authorization', 'aws', 'client', 'deploy', 'docs', 'estate', 'openapi', 'problems');
