import { resolve } from 'node:path';

const { PATH, NODE_COMPILE_CACHE } = process.env;

/** What a process that a test starts needs of the environment; what else is set here must not reach it. */
export const CHILD_ENV = {
  PATH,
  ESTATE_SURVEY_INTERVAL: 'off',
  ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: resolve(NODE_COMPILE_CACHE) }),
};
