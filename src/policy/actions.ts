/**
 * Actions that a secret's policy can grant or deny: those that work on one secret.
 * Source: Service Authorization Reference, "Actions defined by AWS Secrets Manager".
 */
export const secretActions = [
  'secretsmanager:*',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:CancelRotateSecret',
  'secretsmanager:DeleteResourcePolicy',
  'secretsmanager:DeleteSecret',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetResourcePolicy',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutResourcePolicy',
  'secretsmanager:PutSecretValue',
  'secretsmanager:RemoveRegionsFromReplication',
  'secretsmanager:ReplicateSecretToRegions',
  'secretsmanager:RestoreSecret',
  'secretsmanager:RotateSecret',
  'secretsmanager:StopReplicationToReplica',
  'secretsmanager:TagResource',
  'secretsmanager:UntagResource',
  'secretsmanager:UpdateSecret',
  'secretsmanager:UpdateSecretVersionStage',
  'secretsmanager:ValidateResourcePolicy',
] as const;
export type SecretAction = (typeof secretActions)[number];

export const isSecretAction = (text: string): text is SecretAction => secretActions.some((action) => action === text);

/** The actions that some stand for: each by its name, `secretsmanager:*` for all of them. */
export const concreteActions = (actions: readonly string[]): readonly string[] =>
  actions.includes('secretsmanager:*') ? secretActions.filter((action) => action !== 'secretsmanager:*') : actions;

/** Whoever may do one of these can give itself every other action. */
const ESCALATING: readonly string[] = [
  'secretsmanager:*',
  'secretsmanager:PutResourcePolicy',
  'secretsmanager:DeleteResourcePolicy',
];

/** Whoever is denied one of these can no longer repair the policy. Denying it needs AWS's own lock-out check. */
const REPAIRING: readonly string[] = [
  ...ESCALATING,
  'secretsmanager:GetResourcePolicy',
  'secretsmanager:DescribeSecret',
  'secretsmanager:ValidateResourcePolicy',
];

export const escalatingActions = (actions: readonly string[]): string[] =>
  actions.filter((action) => ESCALATING.includes(action));

export const repairingActions = (actions: readonly string[]): string[] =>
  actions.filter((action) => REPAIRING.includes(action));

/** The two that reading a secret takes. */
export const READ_ACTIONS: readonly SecretAction[] = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
export const GET_SECRET_VALUE: SecretAction = 'secretsmanager:GetSecretValue';
export const ALL_ACTIONS: SecretAction = 'secretsmanager:*';

/**
 * It works on no resource: of each secret it asks for GetSecretValue (Service Authorization Reference, "Actions defined by
 * AWS Secrets Manager"; API Reference, BatchGetSecretValue).
 */
export const BATCH_GET: SecretAction = 'secretsmanager:BatchGetSecretValue';

/** Calls that may name a version stage (Service Authorization Reference, "Actions defined by AWS Secrets Manager"). */
export const mayNameStage = (action: string): boolean =>
  action === GET_SECRET_VALUE || action === 'secretsmanager:UpdateSecretVersionStage';
