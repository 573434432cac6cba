import { APP_ROLE, MARY } from '../helper.ts';

/**
 * A token stands for what a client would look up first, or was answered before: world.ts puts it in. `{entry}` is one
 * that the path’s secret has now, `{current}` the ETag of its policy, and `{seen}` that of the path’s approval or finding.
 */
export const TOKEN =
  /\{(?:entry|statement|current|seen|change|event|operation|approval|finding|incident|cursor|arn|etag)\}/g;

const ENTRIES = ['{entry}', '{entry}', '{entry}', 'f'.repeat(24)];

/** What the seed knows, by the name of a field. Unknown principals are left out: AWS is asked twice about each. */
export const POOLS: Readonly<Record<string, unknown[]>> = {
  principal: [
    MARY,
    APP_ROLE,
    '222222222222',
    'arn:aws:iam::333333333333:root',
    'arn:aws:iam::111111111111:user/owner',
    'arn:aws:iam::111111111111:role/secret-access-service',
    'arn:aws:sts::222222222222:assumed-role/app/session',
    'arn:aws-cn:iam::222222222222:user/x',
    '111111111111',
  ],
  principals: [[MARY], [APP_ROLE, '222222222222']],
  exceptPrincipals: [[MARY], [], ['arn:aws:iam::111111111111:role/secret-access-service']],
  secretId: ['demo/database', 'demo/api-key', 'demo/default-key', 'nothing', '{arn}'],
  secret: ['demo/database', 'nothing', '{arn}'],
  ...Object.fromEntries(['shareId', 'denialId', 'restrictionId'].map((name) => [name, ENTRIES])),
  ...Object.fromEntries(['statementHash', 'hash'].map((name) => [name, ['{statement}', '{statement}', '{statement}']])),
  eventId: ['{event}'],
  operationId: ['{operation}'],
  approvalId: ['{approval}'],
  findingId: ['{finding}'],
  accessRequestId: ['{approval}'],
  incidentId: ['{incident}'],
  except: [[MARY], []],
  templateName: ['share-with-principal'],
  code: ['forbidden'],
  name: ['demo/'],
  account: ['111111111111', '222222222222'],
  region: ['us-east-1', 'eu-west-1'],
  text: ['demo', 'API'],
  tagKey: ['team'],
  tagValue: ['payments'],
  changeId: ['{change}', '{change}', '{change}'],
  cursor: ['{cursor}'],
  actor: ['admin'],
  from: ['2020-01-01T00:00:00Z'],
  to: ['2060-01-01T00:00:00Z'],
  'if-match': ['{current}', '{current}', '{current}', '*', '{etag}', '"x"'],
  'if-none-match': ['*'],
  etag: ['{seen}', '{seen}', '{seen}', '{etag}', '"x"'],
  expiresAt: ['2040-01-01T00:00:00Z', '2020-01-01T00:00:00Z', '2040-02-30T00:00:00Z', '9999-12-31T23:59:59+14:00'],
  versionStages: [['AWSCURRENT'], ['AWSCURRENT', 'AWSPENDING']],
  sourceIps: [['192.0.2.0/24'], ['::/0'], ['10.0.0.0/8']],
};
