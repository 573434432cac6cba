import type { Call } from '../call.ts';
import { sessionOf } from '../enforcement/credentials.ts';
import { AwsError } from '../protocol/errors.ts';
import type { Operation } from '../protocol/input.ts';
import type { SecretRecord } from '../records.ts';
import { randomPassword } from './random-password.ts';
import { rotatedAt } from './rotation-record.ts';
import { findSecret, saveSecret } from './secret-record.ts';
import { secretValueOperations } from './values.ts';
import { versionStageOperations } from './version-stages.ts';

/**
 * Stands in for the rotation function: no code is run, but the calls of AWS's rotation templates are made (createSecret,
 * testSecret, finishSecret), by a session of the function's role, and policies judge them. What they refuse leaves the
 * rotation where it stopped, as in AWS, and is kept as `fault`. A function that nobody has made (`Directory.createFunction`)
 * is not invoked: the secret keeps its value, and `fault` says so.
 * Source: Secrets Manager User Guide, "Rotation by Lambda function".
 */
export function runRotation(call: Call, secretId: string, lambdaArn: string, versionId: string): void {
  const role = call.directory.roleOfFunction(lambdaArn);
  if (role === undefined) {
    keepFault(call, secretId, `No function ${lambdaArn} was made here; none was invoked.`);
    return;
  }
  const session = lambdaArn.split(':').at(6) ?? 'rotation';
  const asFunction = { ...call, caller: sessionOf(role, session, `function ${lambdaArn}`) };
  const run = (operations: Record<string, Operation<Call>>, name: string, input: object) =>
    operations[name]?.({ ...asFunction, action: `secretsmanager:${name}` }, { SecretId: secretId, ...input }) ?? {};
  try {
    const current = asValue(run(secretValueOperations, 'GetSecretValue', { VersionStage: 'AWSCURRENT' }));
    run(secretValueOperations, 'PutSecretValue', {
      ClientRequestToken: versionId,
      SecretString: nextValue(current.SecretString),
      VersionStages: ['AWSPENDING'],
    });
    run(secretValueOperations, 'GetSecretValue', { VersionId: versionId, VersionStage: 'AWSPENDING' });
    run(versionStageOperations, 'UpdateSecretVersionStage', {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: versionId,
      RemoveFromVersionId: current.VersionId,
    });
    changeRecord(call, secretId, (record) => rotatedAt(call, record));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    keepFault(call, secretId, `${error.code}: ${error.message}`);
  }
}

const asValue = (answer: object): { SecretString?: string; VersionId?: string } => answer;

/** The password of a JSON secret, or the whole text, replaced. */
function nextValue(value = ''): string {
  const password = randomPassword(['abcdefghijklmnopqrstuvwxyz', '0123456789'], 32, true);
  try {
    const fields: unknown = JSON.parse(value);
    const isObject = typeof fields === 'object' && fields !== null && !Array.isArray(fields);
    return isObject ? JSON.stringify({ ...fields, password }) : password;
  } catch {
    return password;
  }
}

const keepFault = (call: Call, secretId: string, fault: string): void =>
  changeRecord(call, secretId, (record) =>
    record.rotation === undefined ? record : { ...record, rotation: { ...record.rotation, fault } },
  );

function changeRecord(call: Call, secretId: string, change: (record: SecretRecord) => SecretRecord): void {
  const secret = findSecret(call, secretId);
  if (secret !== undefined) saveSecret(call, change(secret.record));
}
