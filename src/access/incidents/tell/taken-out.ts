import { statementsOf } from '../../../policy/document.ts';
import { areAmong, asIncident } from '../../../policy/incident-statement.ts';
import type { StoredItem } from '../../bulk/operation.ts';
import type { ChangeEnds } from '../../stored/change-ends.ts';
import { denialsOf } from '../changes/denials.ts';
import type { IncidentDenial } from '../incident.ts';
import type { SeenEstate } from '../plan/targets.ts';

/** Whether what an incident denied on a secret has been seen to be there no more, since it was. */
export async function wasTakenOut(
  { secretId, changeId }: Pick<StoredItem, 'secretId' | 'changeId'>,
  { id, denial }: { id: string; denial: IncidentDenial },
  { estate, ended }: { estate: Pick<SeenEstate, 'find'>; ended: ChangeEnds },
): Promise<boolean> {
  const seen = await estate.find(secretId);
  if (seen?.policy === undefined || seen.secret.deletedAt !== null) return false;
  if (areAmong(asIncident(id, denialsOf(denial, seen.secret)), statementsOf(seen.policy))) return false;
  const end = await ended(changeId);
  return end === null || seen.asOf > new Date(end.time);
}
