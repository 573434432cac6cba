/** What time it is: tests and local mode give their own. Whoever needs the time takes one of these, named `clock`. */
export type Clock = () => Date;
