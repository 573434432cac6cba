/** A step of the SDK's own request pipeline. */
export type Middleware = <Args, Result>(next: (args: Args) => Promise<Result>) => (args: Args) => Promise<Result>;

/** A command of any of the SDK's clients, as far as it is looked at here. */
export type AnyCommand = {
  middlewareStack: {
    addRelativeTo(middleware: Middleware, options: { name: string; relation: 'after'; toMiddleware: string }): void;
  };
};
