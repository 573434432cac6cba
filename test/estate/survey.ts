import type { Call } from '../helper.ts';
import { eventually } from '../wait.ts';

export const ESTATE = {
  ESTATE_ACCOUNTS: '111111111111,333333333333,444444444444',
  ESTATE_REGIONS: 'us-east-1,eu-west-1',
};

/** Surveys, and waits for the end. */
export async function survey({ call }: { call: Call }, body: object = {}) {
  const { status, headers, json } = await call('POST', '/v1/estate/surveys', body);
  if (status !== 202) throw new Error(JSON.stringify(json));
  return eventually(async () => {
    const operation = (await call('GET', String(headers['location']))).json;
    if (operation.finishedAt === null) throw new Error(operation.status);
    return operation;
  });
}
