import type { Statement } from '../../../policy/document.ts';
import { one } from '../../../policy/entries/templates/kinds/share-conditions.ts';
import { allUses } from '../../../policy/key-use.ts';
import { isPrincipal, type Reader } from '../reader.ts';
import { viaServices } from './key-request.ts';
import type { KeyView } from './view-key.ts';

/**
 * What to add to the key's policy. Secrets Manager User Guide, "Access from a different account", step 2; narrowed to this
 * secret. None for readers whom a key's policy could let in only together with everybody else.
 */
export function keyStatement({ place, uses }: KeyView, reader: Reader): Statement | undefined {
  const { name, kind, caller } = reader;
  const isWide = kind === 'organization' || kind === 'organizationalUnit';
  const isSet = kind === 'permissionSet';
  if (!isWide && !isSet && !isPrincipal(reader)) return undefined;
  return {
    Effect: 'Allow',
    Principal: isWide ? '*' : { AWS: isSet ? `arn:${place.partition}:iam::${caller.account}:root` : name },
    Action: [...allUses(uses), 'kms:DescribeKey'],
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:ViaService': one(viaServices(place)),
        'kms:EncryptionContext:SecretARN': place.arn,
        ...(isWide && { 'aws:PrincipalOrgID': name.split('/')[0] ?? name }),
      },
      ...(kind === 'organizationalUnit' && { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${name}/*` } }),
      ...(isSet && { ArnLike: { 'aws:PrincipalArn': [...(caller.arns ?? [])] } }),
    },
  };
}
