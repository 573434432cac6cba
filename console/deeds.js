/** What a share lets people do, or a denial and a restriction deny: chosen in plain words. */

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {NonNullable<components['schemas']['ShareRequest']['actions']>[number]} Action */

/** @type {[string, string][]} */
export const LET = [
  ['read', 'Read the value, and see its details'],
  ['value', 'Read the value only'],
  ['see', 'See its details only'],
  ['everything', 'Everything, also who reads it'],
  ['chosen', 'Choose'],
];

/** As a denial and a fence mean them: reading, unless more is said. @type {[string, string][]} */
export const KEEP = [
  ['value', 'Read the value'],
  ['everything', 'Do anything with it'],
  ['chosen', 'Choose'],
];

/** @type {Record<string, Action[]>} */
const ACTIONS = {
  read: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
  value: ['secretsmanager:GetSecretValue'],
  see: ['secretsmanager:DescribeSecret'],
  everything: ['secretsmanager:*'],
};

/** All that a policy can name, one by one. @type {Record<Exclude<Action, 'secretsmanager:*'>, string>} */
const SINGLE = {
  'secretsmanager:GetSecretValue': 'Read the value',
  'secretsmanager:BatchGetSecretValue': 'Read it with others in one call',
  'secretsmanager:DescribeSecret': 'See its details',
  'secretsmanager:ListSecretVersionIds': 'List its versions, older ones too',
  'secretsmanager:GetResourcePolicy': 'See its policy',
  'secretsmanager:PutSecretValue': 'Write a new value',
  'secretsmanager:UpdateSecretVersionStage': 'Say which version is the current one',
  'secretsmanager:UpdateSecret': 'Change its details and key',
  'secretsmanager:RotateSecret': 'Rotate it',
  'secretsmanager:CancelRotateSecret': 'Stop its rotation',
  'secretsmanager:TagResource': 'Tag it',
  'secretsmanager:UntagResource': 'Take tags away',
  'secretsmanager:ReplicateSecretToRegions': 'Replicate it to Regions',
  'secretsmanager:RemoveRegionsFromReplication': 'Take replicas away',
  'secretsmanager:StopReplicationToReplica': 'Make a replica a secret of its own',
  'secretsmanager:DeleteSecret': 'Delete it',
  'secretsmanager:RestoreSecret': 'Bring it back when it was deleted',
  'secretsmanager:ValidateResourcePolicy': 'Have a policy checked',
  'secretsmanager:PutResourcePolicy': 'Change who reads it',
  'secretsmanager:DeleteResourcePolicy': 'Take its policy away',
};

/** @type {[string, string][]} */
export const CHOOSABLE = Object.entries(SINGLE);

/** Whoever may do one of these can give itself the rest. @type {ReadonlySet<Action>} */
const ESCALATING = new Set([
  'secretsmanager:*',
  'secretsmanager:PutResourcePolicy',
  'secretsmanager:DeleteResourcePolicy',
]);

/** @param {Record<string, any>} values @returns {Action[]} */
export const actionsOf = ({ deed, actions = [] }) => (deed === 'chosen' ? actions : (ACTIONS[deed] ?? []));

/** @param {Record<string, any>} values */
export const escalates = (values) => actionsOf(values).some((action) => ESCALATING.has(action));
