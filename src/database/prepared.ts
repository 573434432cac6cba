import { type Compilable, type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** What stands in a query in the place of the value that each run gives. */
class Parameter<Name> {
  readonly name: Name;
  constructor(name: Name) {
    this.name = name;
  }
}

type ValueOf<Values> = <Name extends keyof Values>(name: Name) => RawBuilder<Values[Name]>;

/**
 * A query that is built and compiled once for each database, then only run: compiling takes Kysely longer than SQLite
 * takes to answer. For the few queries that every request makes. A limit stands in it as `sql.lit`: SQLite plans a statement
 * anew each time one is bound.
 * @param build gets the place of each value from its second argument
 * @returns a function of the database (or transaction) and the values that resolves to the rows
 */
export const prepared =
  <Values extends object>() =>
  <Row>(build: (kysely: Kysely<Schema>, value: ValueOf<Values>) => Compilable<Row>) => {
    const compiled = new WeakMap<object, CompiledQuery<Row>>();
    return async (kysely: Kysely<Schema>, values: Values): Promise<Row[]> => {
      // One for each database, which its transactions share.
      const { adapter } = kysely.getExecutor();
      let query = compiled.get(adapter);
      if (query === undefined) {
        query = build(kysely, (name) => sql`${new Parameter(name)}`).compile();
        compiled.set(adapter, query);
      }
      const parameters = query.parameters.map((parameter) =>
        parameter instanceof Parameter ? values[parameter.name as keyof Values] : parameter,
      );
      return (await kysely.executeQuery<Row>({ ...query, parameters })).rows;
    };
  };
