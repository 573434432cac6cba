import type { AnyCommand, Middleware } from './command.ts';

/** Not signed: a mesh on the way may write a header of its own in its place. */
const AFTER_SIGNING = { name: 'traceparent', relation: 'after', toMiddleware: 'httpSigningMiddleware' } as const;

/** Tells AWS, and whoever is on the way, to which trace the call belongs (https://www.w3.org/TR/trace-context/). */
export const sendTraceparent = (command: AnyCommand, traceparent: string): void =>
  command.middlewareStack.addRelativeTo(withHeader(traceparent), AFTER_SIGNING);

const withHeader =
  (traceparent: string): Middleware =>
  (next) =>
  (args) => {
    (args as { request: { headers: Record<string, string> } }).request.headers['traceparent'] = traceparent;
    return next(args);
  };
