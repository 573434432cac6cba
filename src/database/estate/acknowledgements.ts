import type { Acknowledgements } from '../../estate/estate-index.ts';
import type { Database } from '../database.ts';
import { atTheEdge } from '../errors.ts';

export const createAcknowledgements = ({ kysely }: Database): Acknowledgements => ({
  acknowledge: ({ arn, kind, about }, { until, ...said }) =>
    atTheEdge(async () => {
      // Of secrets that are gone nothing else ends them.
      await kysely.deleteFrom('acknowledgements').where('until', '<=', said.at.getTime()).execute();
      const row = { about, said: JSON.stringify(said), until: until.getTime() };
      const insert = kysely.insertInto('acknowledgements').values({ arn, kind, ...row });
      await insert.onConflict((conflict) => conflict.columns(['arn', 'kind']).doUpdateSet(row)).execute();
    }),
});
