import { durationMs } from '../../duration.ts';
import { DomainError } from '../../problems/problem.ts';

/** When an access ends, as people say it: at a moment, or after some time (src/duration.ts). */
type Asked = { expiresAt?: unknown; expiresIn?: string | undefined };

/**
 * The same with the moment in the place of the time: what is stored, recorded and made later ends when it was said.
 * @throws DomainError validation-failed where both are said
 */
export function withExpiry<Request extends Asked>(request: Request, now: Date): Omit<Request, 'expiresIn'> {
  const { expiresIn, ...rest } = request;
  if (expiresIn === undefined) return rest;
  if (rest.expiresAt === undefined) {
    return { ...rest, expiresAt: new Date(now.getTime() + durationMs(expiresIn)).toISOString() };
  }
  throw new DomainError('validation-failed', {
    why: 'When it ends is said twice: by expiresAt and by expiresIn.',
    errors: [{ path: '/expiresIn', message: 'does not go with expiresAt' }],
  });
}
