import Type from 'typebox';
import { asArray } from '../../document.ts';
import { rolesOfSet } from '../../principals/permission-set.ts';
import {
  accountConflict,
  nameIn,
  PERMISSION_SET,
  parametersOfSet,
  permissionSetParameters,
  readerOfSet,
  setInWords,
  setOf,
} from './kinds/permission-set.ts';
import { shareTemplate } from './kinds/share.ts';
import { conditionsConflict, one, readAllow, renderAllow, shareParameters } from './kinds/share-conditions.ts';
import type { Group } from './kinds/template.ts';

/** The Principal says which accounts; the pattern of the role's ARN, of any account, which set. */
export const shareWithPermissionSet = shareTemplate({
  name: 'share-with-permission-set',
  title: 'Share with a permission set',
  description:
    'Lets whoever signs in to an account with a permission set of IAM Identity Center use the secret. The set’s role gets ' +
    'another name whenever it is provisioned anew: this goes on to mean it.',
  parameters: Type.Object({ ...permissionSetParameters, ...shareParameters }, { additionalProperties: false }),
  target: 'permissionSet',
  packs: 'account',
  principals: ['account'],
  example: { permissionSet: 'Ops', account: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
  request: { ...PERMISSION_SET, ...shareParameters },
  accepts: ({ permissionSet, ...request }) => ({ ...parametersOfSet(permissionSet), ...request }),
  conflict: (parameters: Group) => accountConflict(parameters) ?? conditionsConflict(parameters),
  render: ({ permissionSet, actions, ...conditions }, members) =>
    renderAllow({
      actions,
      principal: { AWS: one(members) },
      conditions,
      further: { ArnLike: { 'aws:PrincipalArn': rolesOfSet({ name: permissionSet, account: '*' }, '*') } },
    }),
  read(statements) {
    const [first] = statements;
    const permissionSet = nameIn(first?.Condition?.['ArnLike']?.['aws:PrincipalArn']);
    if (permissionSet === undefined || first?.Principal === undefined || first.Principal === '*') return undefined;
    const { actions, conditions } = readAllow(statements);
    return { group: { permissionSet, actions, ...conditions }, members: asArray(first.Principal.AWS) };
  },
  shows: PERMISSION_SET,
  show({ permissionSet, account, actions: _, expiresAt: __, ...conditions }: Group) {
    return { permissionSet: setOf({ permissionSet, account }), conditions };
  },
  parametersOf: ({ permissionSet, conditions }) => ({
    ...parametersOfSet(permissionSet),
    ...(typeof conditions === 'object' ? conditions : {}),
  }),
  subject: (parameters) => ({ account: setOf(parameters).account }),
  reader: readerOfSet,
  who: setInWords,
});
