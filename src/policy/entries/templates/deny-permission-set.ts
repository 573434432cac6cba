import Type from 'typebox';
import { GET_SECRET_VALUE } from '../../actions.ts';
import { asArray } from '../../document.ts';
import { rolesOfSet } from '../../principals/permission-set.ts';
import { match } from './kinds/denial.ts';
import { actionsWithDefault } from './kinds/parameters.ts';
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
import { one } from './kinds/share-conditions.ts';
import type { Group, Template } from './kinds/template.ts';

const parameters = Type.Object(
  { ...permissionSetParameters, actions: actionsWithDefault([GET_SECRET_VALUE]) },
  { additionalProperties: false },
);

export const denyPermissionSet: Template<typeof parameters, 'account'> = {
  name: 'deny-permission-set',
  kind: 'denial',
  title: 'Deny a permission set',
  description:
    'An explicit deny of whoever signs in to an account with a permission set of IAM Identity Center, also after the set was ' +
    'provisioned anew.',
  parameters,
  packs: 'account',
  principals: ['account'],
  example: { permissionSet: 'Ops', account: '222222222222', actions: ['secretsmanager:GetSecretValue'] },
  request: { ...PERMISSION_SET, actions: parameters.properties.actions, match },
  chosenBy: ['/permissionSet'],
  accepts: ({ permissionSet, actions }) => ({ ...parametersOfSet(permissionSet), actions }),
  conflict: accountConflict,
  render: ({ permissionSet, actions }, members) => [
    {
      Effect: 'Deny',
      Action: one(actions),
      Principal: { AWS: one(members) },
      Resource: '*',
      Condition: { ArnLike: { 'aws:PrincipalArn': rolesOfSet({ name: permissionSet, account: '*' }, '*') } },
    },
  ],
  read([statement]) {
    const permissionSet = nameIn(statement?.Condition?.['ArnLike']?.['aws:PrincipalArn']);
    const principal = statement?.Principal;
    if (permissionSet === undefined || principal === undefined || principal === '*') return undefined;
    return { group: { permissionSet, actions: asArray(statement?.Action) }, members: asArray(principal.AWS) };
  },
  shows: PERMISSION_SET,
  show: (shown: Group) => ({ permissionSet: setOf(shown), conditions: {} }),
  parametersOf: ({ permissionSet }) => parametersOfSet(permissionSet),
  subject: (about) => ({ account: setOf(about).account }),
  reader: readerOfSet,
  words: (about) => ({ who: setInWords(about), conditions: [] }),
};
