import Type from 'typebox';
import type { Call } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError, invalidParameter } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { pageOf } from '../protocol/paging.ts';
import { Filters, filteredSecrets } from './filters.ts';
import { SecretId, secretArn } from './secret-record.ts';
import { readValue } from './values.ts';

type Answer = { SecretValues: object[]; Errors: object[]; NextToken?: string };

/**
 * Source: Secrets Manager API Reference, BatchGetSecretValue. Each secret is read as GetSecretValue reads it, under that
 * operation's permissions; what can't be read is an entry of Errors.
 */
export const secretBatchOperations: Record<string, AwsOperation<Call>> = {
  BatchGetSecretValue: operation(
    Type.Object({
      SecretIdList: optional(Type.Array(SecretId, { minItems: 1, maxItems: 20 })),
      Filters: optional(Filters),
      MaxResults: optional(Type.Integer({ minimum: 1, maximum: 20 })),
      NextToken: optional(text(1, 4096)),
    }),
    (call: Call, { SecretIdList: ids, Filters: filters, MaxResults: limit, NextToken: token }) => {
      authorize(call, call.action, everySecretOf(call));
      if ((ids === undefined) === (filters === undefined)) {
        throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
      }
      if (ids !== undefined) {
        if (limit !== undefined)
          throw invalidParameter(
            "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
          );
        return readEach(call, ids);
      }
      authorize(call, 'secretsmanager:ListSecrets', everySecretOf(call));
      const secrets = filteredSecrets(call, filters ?? []);
      const { items, next } = pageOf(secrets, ({ name }) => name, limit ?? 20, token, 'InvalidNextTokenException');
      const arns = items.map((record) =>
        secretArn({ ...record, region: call.region }, `${record.name}-${record.suffix}`),
      );
      return { ...readEach(call, arns), ...(next && { NextToken: next }) };
    },
  ),
};

const everySecretOf = (call: Call) => ({ arn: '*', account: call.caller.account, policy: null });

function readEach(call: Call, ids: readonly string[]): Answer {
  const answer: Answer = { SecretValues: [], Errors: [] };
  for (const id of ids) {
    try {
      answer.SecretValues.push(readValue({ ...call, action: 'secretsmanager:GetSecretValue' }, { SecretId: id }));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answer.Errors.push({ SecretId: id, ErrorCode: error.code, Message: error.message });
    }
  }
  return answer;
}
