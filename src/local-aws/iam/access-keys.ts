import Type from 'typebox';
import type { Call } from '../call.ts';
import { newIamId } from '../directory/identity.ts';
import { type AwsOperation, operation, text } from '../protocol/input.ts';
import { authorizedPrincipal, Name, noSuchEntity } from './named.ts';

/** Keys of users. Their secret keys are never checked. Source: IAM API Reference. */
export const iamAccessKeyOperations: Record<string, AwsOperation<Call>> = {
  CreateAccessKey: operation(Type.Object({ UserName: Name }), (call: Call, input) => {
    const user = authorizedPrincipal(call, 'user', input.UserName);
    const id = newIamId('AKIA').slice(0, 20);
    call.directory.createAccessKey(user.arn, id);
    const key = { UserName: user.name, AccessKeyId: id, Status: 'Active', SecretAccessKey: 'any-secret-key-will-do' };
    return { AccessKey: { ...key, CreateDate: call.now.toISOString() } };
  }),

  DeleteAccessKey: operation(Type.Object({ UserName: Name, AccessKeyId: text(16, 128) }), (call: Call, input) => {
    const user = authorizedPrincipal(call, 'user', input.UserName);
    if (!call.directory.deleteAccessKey(user.arn, input.AccessKeyId)) {
      throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    }
    return {};
  }),
};
