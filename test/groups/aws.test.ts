import { together } from './together.ts';

await together('aws', 'client', 'deploy');
