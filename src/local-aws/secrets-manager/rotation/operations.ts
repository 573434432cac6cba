import { randomUUID } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { parseArn } from '../../../policy/arn.ts';
import type { Call } from '../../call.ts';
import { authorize } from '../../enforcement/authorize.ts';
import { invalidParameter, invalidRequest } from '../../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../../protocol/input.ts';
import type { SecretRecord } from '../../records.ts';
import { authorizedSecret, refuseDeleted, refuseUnchangeable, SecretId, saveSecret } from '../secret-record.ts';
import { ClientRequestToken } from '../values.ts';
import { runRotation, testRotation } from './function.ts';

const RotationRules = Type.Object({
  AutomaticallyAfterDays: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  Duration: optional(text(2, 3, '^[0-9]+h$')),
  ScheduleExpression: optional(text(1, 256, String.raw`^(rate|cron)\([0-9A-Za-z#?*\-/, ]+\)$`)),
});

const RotateSecretInput = Type.Object({
  SecretId,
  ClientRequestToken,
  RotationLambdaARN: optional(text(0, 2048)),
  RotationRules: optional(RotationRules),
  RotateImmediately: optional(Type.Boolean()),
});

/** Source: Secrets Manager API Reference, RotateSecret and CancelRotateSecret. Nothing rotates by itself here. */
export const secretRotationOperations: Record<string, AwsOperation<Call>> = {
  RotateSecret: operation(RotateSecretInput, (call: Call, input) => {
    const { RotateImmediately: now = true, ClientRequestToken: versionId = randomUUID() } = input;
    const secret = authorizedSecret(call, input.SecretId, rotationContext(input));
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    const record = withRotation(call, secret.record, input);
    const lambdaArn = record.rotation?.lambdaArn ?? '';
    authorize(call, 'lambda:InvokeFunction', {
      arn: lambdaArn,
      account: parseArn(lambdaArn)?.account ?? call.caller.account,
      policy: null,
    });
    refuseUnfinished(record);
    saveSecret(call, record);
    if (now) runRotation(call, secret.arn, lambdaArn, versionId);
    else testRotation(call, secret.arn, lambdaArn);
    return { ARN: secret.arn, Name: record.name, ...(now && { VersionId: versionId }) };
  }),

  CancelRotateSecret: operation(Type.Object({ SecretId }), (call: Call, input) => {
    const secret = authorizedSecret(call, input.SecretId);
    refuseDeleted(secret);
    refuseUnchangeable(secret);
    const { rotation } = secret.record;
    if (rotation?.lambdaArn === undefined) throw invalidRequest(NO_FUNCTION);
    saveSecret(call, {
      ...secret.record,
      rotation: { ...rotation, enabled: false },
      changedAt: call.now.getTime(),
    });
    return { ARN: secret.arn, Name: secret.record.name };
  }),
};

const NO_FUNCTION = 'No Lambda rotation function ARN is associated with this secret.';

type RotateSecretInput = Static<typeof RotateSecretInput>;

/** Source: Service Authorization Reference, "Actions defined by AWS Secrets Manager". */
const rotationContext = (input: RotateSecretInput) => ({
  'secretsmanager:RotateImmediately': String(input.RotateImmediately ?? true),
  'secretsmanager:ModifyRotationRules': String(input.RotationRules !== undefined),
  ...(input.RotationLambdaARN ? { 'secretsmanager:RotationLambdaARN': input.RotationLambdaARN } : {}),
});

function withRotation(call: Call, record: SecretRecord, input: RotateSecretInput): SecretRecord {
  const lambdaArn = input.RotationLambdaARN || record.rotation?.lambdaArn;
  if (lambdaArn === undefined) throw invalidRequest(NO_FUNCTION);
  if (parseArn(lambdaArn)?.service !== 'lambda')
    throw invalidParameter('The RotationLambdaARN is not that of a function.');
  const rules = input.RotationRules ?? record.rotation?.rules;
  if (rules?.AutomaticallyAfterDays !== undefined && rules.ScheduleExpression !== undefined) {
    throw invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression.");
  }
  const rotation = {
    ...record.rotation,
    enabled: true,
    lambdaArn,
    startedAt: call.now.getTime(),
    ...(rules === undefined ? {} : { rules }),
  };
  return { ...record, rotation, changedAt: call.now.getTime() };
}

/** A version that is pending elsewhere than at AWSCURRENT belongs to a rotation that has not ended. */
function refuseUnfinished({ versions }: SecretRecord): void {
  if (!versions.some(({ stages }) => stages.includes('AWSCURRENT'))) {
    throw invalidRequest("You can't rotate a secret that has no value.");
  }
  const pending = versions.find(({ stages }) => stages.includes('AWSPENDING'));
  if (pending !== undefined && !pending.stages.includes('AWSCURRENT')) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
}
