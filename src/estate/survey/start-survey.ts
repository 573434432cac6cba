import type { BulkOperations } from '../../access/bulk/bulk-operations.ts';
import type { BulkOperation } from '../../access/bulk/operation.ts';
import type { Authorizer } from '../../access/guard/authorizer.ts';
import { guardLook } from '../../access/guard/guard-change.ts';
import type { Requester } from '../../access/identity.ts';
import { parseArn, secretsIn } from '../../policy/arn.ts';
import { notOfEstate, type Place } from '../place.ts';

/** What is to be surveyed: everything that these name, or one secret. */
export type SurveyRequest = { account?: string; region?: string; secretId?: string };

/** Begins a survey in the background. @throws DomainError forbidden, validation-failed for what is not of the estate */
export type SurveyStarter = (requester: Requester, id: string, asked: SurveyRequest) => Promise<BulkOperation>;

export function createSurveyStarter(deps: {
  bulk: Pick<BulkOperations, 'start'>;
  configured(): Promise<Place[]>;
  authorizer: Authorizer;
}): SurveyStarter {
  async function itemsOf({ account, region, secretId }: SurveyRequest): Promise<string[]> {
    const arn = secretId === undefined ? undefined : parseArn(secretId);
    const wanted = [{ account, region }, ...(arn === undefined ? [] : [arn])];
    const places = (await deps.configured()).filter((place) =>
      wanted.every(
        (of) =>
          (of.account === undefined || of.account === place.account) &&
          (of.region === undefined || of.region === place.region),
      ),
    );
    if (places.length === 0) throw notOfEstate();
    return secretId === undefined ? places.map(secretsIn) : [secretId];
  }

  return async (requester, id, asked) => {
    // First: whose the estate is may have to be asked of AWS.
    guardLook(deps.authorizer, requester.identity, 'survey');
    const items = (await itemsOf(asked)).map((secretId) => ({ secretId, request: {} }));
    return deps.bulk.start(requester, { id, action: 'survey', dryRun: false, reason: null, ticket: null, items });
  };
}
