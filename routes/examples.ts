/** What the first example of POST …/shares answers in local mode: the document's example of a Change and its parts. */

const PRINCIPAL = 'arn:aws:iam::123456789999:user/Mary';
const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
const arn = 'arn:aws:secretsmanager:us-east-1:111111111111:secret:demo/database-AbCdEf';
const sid = 'Share199c7fa944bb5648';

const policy = {
  Version: '2012-10-17',
  Statement: [{ Sid: sid, Effect: 'Allow', Action: READ, Principal: { AWS: PRINCIPAL }, Resource: '*' }],
};

export const entryExample = {
  id: '809795dc2d0b72d20bd767b3',
  kind: 'share',
  template: 'share-with-principal',
  sid,
  principal: PRINCIPAL,
  actions: READ,
  conditions: {},
  expiresAt: null,
  orphaned: false,
  words: { who: PRINCIPAL, conditions: [] },
};

export const legExample = {
  leg: 'identityPolicy',
  status: 'unknown',
  account: '123456789999',
  detail: 'The reader’s own account must allow it too, in an identity policy that can’t be seen from here.',
  statement: { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'kms:Decrypt'], Resource: [arn] },
};

export const changeExample = {
  changeId: '0199b2c4-6f0e-7cc1-9b0a-2f6f1d3c5a77',
  changed: true,
  dryRun: false,
  summary: `${PRINCIPAL} may read demo/database in us-east-1 once its own account allows it.`,
  effect: { gains: [{ principal: PRINCIPAL, kind: 'user', actions: READ, conditions: [], except: [] }], loses: [] },
  legs: [legExample],
  warnings: [],
  share: entryExample,
  secret: { arn, name: 'demo/database' },
  policy,
  before: null,
  diff: [{ op: 'replace', path: '', value: policy }],
  etag: '"pCZSNBLdhGmu14z33wk5yAl00Lca9MjD8wzkry8275A"',
};
