import { randomUUID } from 'node:crypto';
import type { Call } from '../../call.ts';
import { sessionOf } from '../../enforcement/credentials.ts';
import { AwsError } from '../../protocol/errors.ts';
import type { AwsOperation } from '../../protocol/input.ts';
import type { SecretRecord } from '../../records.ts';
import { randomPassword } from '../random-password.ts';
import { findSecret, saveSecret } from '../secret-record.ts';
import { secretValueOperations } from '../values.ts';
import { versionStageOperations } from '../version-stages.ts';
import { rotatedAt } from './record.ts';

/**
 * Stands in for the rotation function: no code is run, but the calls of AWS's rotation templates are made (createSecret,
 * testSecret, finishSecret), by a session of the function's role, and policies judge them. What they refuse leaves the
 * rotation where it stopped, as in AWS, and is kept as `fault`. A function that nobody has made (`Directory.createFunction`)
 * is not invoked: the secret keeps its value, and `fault` says so.
 * Source: Secrets Manager User Guide, "Rotation by Lambda function".
 */
export function runRotation(call: Call, secretId: string, lambdaArn: string, versionId: string): void {
  invoke(call, secretId, lambdaArn, (run) => {
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
  });
}

/**
 * What is done where nothing is to be rotated at once: testSecret, on a pending version of the value of now, which is
 * removed again. Source: Secrets Manager API Reference, RotateSecret, `RotateImmediately`.
 */
export function testRotation(call: Call, secretId: string, lambdaArn: string): void {
  const versionId = randomUUID();
  changeRecord(call, secretId, (record) => {
    const current = record.versions.find(({ stages }) => stages.includes('AWSCURRENT'));
    const pending = { id: versionId, stages: ['AWSPENDING'], createdAt: call.now.getTime() };
    return { ...record, versions: [...record.versions, ...(current ? [{ ...current, ...pending }] : [])] };
  });
  invoke(call, secretId, lambdaArn, (run) => {
    run(secretValueOperations, 'GetSecretValue', { VersionId: versionId, VersionStage: 'AWSPENDING' });
  });
  changeRecord(call, secretId, (record) => ({
    ...record,
    versions: record.versions.filter(({ id }) => id !== versionId),
  }));
}

type Run = (operations: Record<string, AwsOperation<Call>>, name: string, input: object) => object;

/** Makes calls as the function; the first that is refused ends it, and is kept as the rotation's fault. */
function invoke(call: Call, secretId: string, lambdaArn: string, steps: (run: Run) => void): void {
  const role = call.directory.roleOfFunction(lambdaArn);
  if (role === undefined) {
    keepFault(call, secretId, `No function ${lambdaArn} was made here; none was invoked.`);
    return;
  }
  const session = lambdaArn.split(':').at(6) ?? 'rotation';
  const asFunction = { ...call, caller: sessionOf(role, session, `function ${lambdaArn}`) };
  try {
    steps(
      (operations, name, input) =>
        operations[name]?.({ ...asFunction, action: `secretsmanager:${name}` }, { SecretId: secretId, ...input }) ?? {},
    );
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
