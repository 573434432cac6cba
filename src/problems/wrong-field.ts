import { DomainError } from './problem.ts';

/** What is wrong with one field. @param path a JSON pointer, for example `/denny`, `/querystring/cursor` */
export const wrongField = (path: string, message: string): DomainError =>
  new DomainError('validation-failed', { errors: [{ path, message }] });
