import type { Answer, Bed } from './bed.ts';
import type { Change } from './world.ts';

/** Makes a change by our API, or asks for its dry run; null where there is nothing to revoke. */
export async function makeChange(bed: Bed, url: string, change: Change, dryRun: boolean): Promise<Answer | null> {
  const query = `?dryRun=${dryRun}`;
  if ('body' in change) return bed.ask('POST', `${url}/${change.list}${query}`, change.body);
  const { json } = await bed.ask('GET', `${url}/policy`);
  if (change.list === 'policy') {
    const document = { Version: '2012-10-17', Statement: change.statements };
    return bed.ask('PUT', `${url}/policy${query}`, document, { 'if-match': String(json['etag']) });
  }
  for (const list of ['shares', 'denials', 'restrictions']) {
    const [entry] = (json[list] ?? []) as { id: string }[];
    if (entry !== undefined) return bed.ask('DELETE', `${url}/${list}/${entry.id}${query}`);
  }
  return null;
}
