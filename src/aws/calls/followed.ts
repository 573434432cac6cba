/** One call on its way through the SDK. */
export type Sending = {
  /** Makes one attempt, of which there may be several. */
  attempt<Result>(send: () => Promise<Result>): Promise<Result>;
  /** Ends every attempt. */
  deadline: AbortSignal;
  /** Of the trace that it belongs to: AWS is told, and whoever is on the way (https://www.w3.org/TR/trace-context/). */
  traceparent?: string | undefined;
};

/** A step of the SDK's own request pipeline. */
export type Middleware = <Args, Result>(next: (args: Args) => Promise<Result>) => (args: Args) => Promise<Result>;
type Place = { name: string; relation: 'after'; toMiddleware: string };
/** A client of any of AWS's services, as far as it is looked at here. */
type AnyClient = { middlewareStack: { addRelativeTo(middleware: Middleware, place: Place): void } };
/** A command of any of them; its input goes all the way through the pipeline. */
export type AnyCommand = { input: object };

const sendings = new WeakMap<object, Sending>();
const deadlines = new WeakMap<object, AbortSignal>();

/**
 * Joins an SDK client to `follow`. The client resolves its pipeline of steps once for each kind of command (`cacheMiddleware`), not
 * for each call, which takes a tenth of a call's time: so the steps are the client's, and what is of one call they find by its input.
 */
export function followed<Client extends AnyClient>(client: Client): Client {
  client.middlewareStack.addRelativeTo(eachAttempt, after('eachAttempt', 'retryMiddleware'));
  // Not signed: a mesh on the way may write a traceparent of its own in its place.
  client.middlewareStack.addRelativeTo(asItIsSent, after('asItIsSent', 'httpSigningMiddleware'));
  return client;
}

/** What happens to a command that is about to be sent once, by a client that is `followed`, without options. */
export const follow = ({ input }: AnyCommand, sending: Sending): void => void sendings.set(input, sending);

/** When the call ends that an HTTP request is of. */
export const deadlineOf = (request: object): AbortSignal | undefined => deadlines.get(request);

const after = (name: string, toMiddleware: string): Place => ({ name, relation: 'after', toMiddleware });

const eachAttempt: Middleware = (next) => (args) => {
  const sending = sendings.get((args as AnyCommand).input);
  return sending === undefined ? next(args) : sending.attempt(() => next(args));
};

const asItIsSent: Middleware = (next) => (args) => {
  const { input, request } = args as AnyCommand & { request: { headers: Record<string, string> } };
  const sending = sendings.get(input);
  if (sending !== undefined) deadlines.set(request, sending.deadline);
  if (sending?.traceparent !== undefined) request.headers['traceparent'] = sending.traceparent;
  return next(args);
};
