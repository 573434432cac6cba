import t from 'tap';
import { type Hint, hintsOf, MAX_BODY } from '../../src/estate/events/hint.ts';
import { showsKey } from '../../src/estate/events/shown.ts';
import type { KeyFacts } from '../../src/estate/survey/seen-keys.ts';
import { changeEvent, type EventFacts } from './change-event.ts';

const NAME = 'demo/database';
const ARN = `arn:aws:secretsmanager:us-east-1:111111111111:secret:${NAME}-AbCdEf`;
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ALIAS = 'arn:aws:kms:us-east-1:111111111111:alias/demo';
const KEY_ID = KEY.split('/')[1] ?? '';
const idsOf = (event: object) => {
  const hints = hintsOf(JSON.stringify(event));
  return typeof hints === 'string' ? hints : hints.map(({ id }) => id);
};

const named: [string, object, EventFacts, string[]][] = [
  ['PutResourcePolicy', { secretId: ARN }, {}, [ARN]],
  ['PutResourcePolicy', { secretId: NAME }, {}, [NAME]],
  ['DeleteResourcePolicy', { secretId: NAME }, { detail: { responseElements: { aRN: ARN } } }, [ARN]],
  ['DeleteSecret', { secretId: NAME }, { detail: { responseElements: { arn: ARN } } }, [ARN]],
  ['CreateSecret', { name: NAME, clientRequestToken: 'x' }, {}, [NAME]],
  ['TagResource', { secretId: ARN.slice(0, -7), tags: [] }, {}, [NAME]],
  ...['UpdateSecret', 'RestoreSecret', 'UntagResource', 'StopReplicationToReplica', 'RotateSecret'].map(
    (name): [string, object, EventFacts, string[]] => [name, { secretId: ARN }, {}, [ARN]],
  ),
  [
    'ReplicateSecretToRegions',
    { secretId: ARN, addReplicaRegions: [{ region: 'eu-west-1' }, { region: 'us-east-1' }] },
    {},
    [ARN, ARN.replace('us-east-1', 'eu-west-1')],
  ],
  ['ReplicateSecretToRegions', { secretId: NAME, addReplicaRegions: [{ region: 'eu-west-1' }] }, {}, [NAME, NAME]],
  [
    'RemoveRegionsFromReplication',
    { secretId: ARN, removeReplicaRegions: ['eu-west-1'] },
    {},
    [ARN, ARN.replace('us-east-1', 'eu-west-1')],
  ],
  ['PutKeyPolicy', { keyId: KEY_ID }, { source: 'kms' }, [KEY]],
  ['ImportKeyMaterial', { keyId: KEY_ID, importType: 'NEW_KEY_MATERIAL' }, { source: 'kms' }, [KEY]],
  ['DeleteImportedKeyMaterial', { keyId: KEY_ID }, { source: 'kms' }, [KEY]],
  ['CreateGrant', { keyId: KEY }, { source: 'kms' }, [KEY]],
  ['RetireGrant', {}, { source: 'kms', detail: { resources: [{ type: 'AWS::KMS::Key', ARN: KEY }] } }, [KEY]],
  ['DisableKey', { keyId: 'alias/demo' }, { source: 'kms', detail: { resources: [{ ARN: KEY }] } }, [KEY]],
  ...['CreateAlias', 'UpdateAlias', 'DeleteAlias'].map((name): [string, object, EventFacts, string[]] => [
    name,
    { aliasName: 'alias/demo', targetKeyId: KEY_ID },
    { source: 'kms', detail: { resources: [{ ARN: ALIAS }, { ARN: KEY }] } },
    [ALIAS],
  ]),
];
for (const [eventName, parameters, facts, ids] of named)
  t.test(`${eventName} of ${JSON.stringify(parameters)} says what to read again`, async (t) => {
    t.strictSame(idsOf(changeEvent(eventName, parameters, facts)), ids);
  });

t.test('what KMS does by itself says so too: key material that expired', async (t) => {
  const userIdentity = { accountId: '111111111111', invokedBy: 'AWS Internal' };
  const detail = { userIdentity, requestID: undefined, resources: [{ ARN: KEY }], eventType: 'AwsServiceEvent' };
  const event = changeEvent('DeleteExpiredKeyMaterial', null, { source: 'kms', detail });
  const hints = hintsOf(JSON.stringify({ ...event, 'detail-type': 'AWS Service Event via CloudTrail' }));
  t.match(hints, [{ about: 'key', id: KEY, keyThen: { enabled: false }, event: { arn: null, requestId: null } }]);
});

t.test('who did it is taken as the event says it', async (t) => {
  const event = changeEvent(
    'PutResourcePolicy',
    { secretId: ARN },
    { by: 'arn:aws:sts::111111111111:assumed-role/x/y' },
  );
  t.match(hintsOf(JSON.stringify(event)), [
    {
      ...{ about: 'secret', ofPolicy: true, place: { account: '111111111111', region: 'us-east-1' } },
      event: {
        arn: 'arn:aws:sts::111111111111:assumed-role/x/y',
        account: '111111111111',
        eventName: 'PutResourcePolicy',
      },
    },
  ]);
  const service = changeEvent('RotateSecret', { secretId: ARN }, { detail: { userIdentity: { type: 'AWSService' } } });
  t.match(hintsOf(JSON.stringify(service)), [{ ofPolicy: false, event: { arn: null, account: null } }]);
});

t.test('what is of no use says why', async (t) => {
  const put = changeEvent('PutResourcePolicy', { secretId: ARN });
  t.equal(hintsOf(' '.repeat(MAX_BODY + 1)), 'too-large');
  for (const body of ['', '{', 'null', '[]', '"x"', '{"detail":{}}', '{"__proto__":{"source":"aws.kms"}}'])
    t.equal(hintsOf(body), 'malformed', body);
  for (const wrong of [
    { ...put, source: 'custom.secretsmanager' },
    { ...put, account: '1111' },
    { ...put, region: '../us-east-1' },
    { ...put, 'detail-type': 'Something Else' },
    changeEvent('PutResourcePolicy', null),
    changeEvent('PutResourcePolicy', { secretId: 7 }),
    changeEvent('PutResourcePolicy', { secretId: '*' }),
    changeEvent('PutResourcePolicy', { secretId: ARN }, { account: '222222222222' }),
    changeEvent('PutResourcePolicy', { secretId: ARN }, { region: 'eu-west-1' }),
    changeEvent('PutKeyPolicy', { keyId: 'alias/demo' }, { source: 'kms' }),
    changeEvent('PutKeyPolicy', { keyId: KEY }, { source: 'kms', account: '222222222222' }),
    changeEvent('DeleteAlias', { keyId: KEY }, { source: 'kms' }),
    changeEvent('DeleteAlias', { aliasName: 'alias/a:b' }, { source: 'kms' }),
    changeEvent('PutResourcePolicy', { secretId: ARN }, { detail: { userIdentity: { arn: 'x'.repeat(2049) } } }),
  ])
    t.equal(idsOf(wrong), 'malformed', JSON.stringify(wrong));
  for (const other of [
    changeEvent('GetSecretValue', { secretId: ARN }),
    changeEvent('constructor', { secretId: ARN }),
    changeEvent('PutKeyPolicy', { secretId: ARN }),
    changeEvent('PutResourcePolicy', { secretId: ARN }, { source: 'kms' }),
    { ...put, source: 'aws.kms' },
  ])
    t.equal(idsOf(other), 'other-event', JSON.stringify(other));
  t.equal(
    idsOf(changeEvent('PutResourcePolicy', { secretId: ARN }, { detail: { errorCode: 'AccessDenied' } })),
    'failed-call',
  );
});

const hintOf = (eventName: string, parameters: object | null, detail: object = {}): Hint => {
  const [hint] = hintsOf(
    JSON.stringify(
      changeEvent(eventName, parameters, { source: 'kms', detail: { resources: [{ ARN: KEY }], ...detail } }),
    ),
  );
  if (typeof hint !== 'object') throw new Error(`no hint: ${hint}`);
  return hint;
};
const policyFor = (...AWS: string[]) => ({
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Principal: { AWS }, Action: ['kms:*'], Resource: '*' }],
});
const granted = (...ids: string[]): KeyFacts => ({
  key: { arn: KEY, account: '111111111111', manager: 'CUSTOMER', enabled: true },
  policy: policyFor('111111111111'),
  grants: ids.map((grantId) => ({
    ...{ grantId, name: null, grantee: 'x', operations: ['Decrypt'], constraints: {}, createdAt: null },
  })),
});
const NOW = granted('here');
const disabled: KeyFacts = { key: { arn: KEY, account: '111111111111', manager: 'CUSTOMER', enabled: false } };
const notKept: KeyFacts = { ...(NOW.key && { key: NOW.key }), problem: 'It has 9999 grants.' };
const put = (...AWS: string[]) => hintOf('PutKeyPolicy', { keyId: KEY, policy: JSON.stringify(policyFor(...AWS)) });
const created = (grantId: string) => hintOf('CreateGrant', { keyId: KEY }, { responseElements: { grantId } });
const revoked = (grantId: string, detail = {}) => hintOf('RevokeGrant', { keyId: KEY, grantId }, detail);
const movedTo = (targetKeyId: string) => hintOf('UpdateAlias', { aliasName: 'alias/demo', targetKeyId });
const later = { eventTime: '2026-01-01T00:00:01Z' };

const shownOrNot: [string, Hint[], KeyFacts, boolean, KeyFacts?][] = [
  ['the policy that was put, as AWS writes it', [put('arn:aws:iam::111111111111:root')], NOW, true],
  ['a policy before the one that was put', [put('222222222222')], NOW, false],
  ['no policy where the key was disabled', [put('111111111111')], disabled, false],
  ['a grant that was made', [created('here')], NOW, true],
  ['not a grant that was made, though others came', [created('other')], granted('here', 'more'), false],
  ['a grant that was revoked', [revoked('here')], NOW, false],
  ['not a grant that was revoked', [revoked('gone')], NOW, true],
  ['not one that was retired', [hintOf('RetireGrant', null, { additionalEventData: { grantId: 'gone' } })], NOW, true],
  ['one that was retired', [hintOf('RetireGrant', null, { additionalEventData: { grantId: 'here' } })], NOW, false],
  ['one that was made and revoked later', [created('here'), revoked('here', later)], NOW, false],
  ['what two of one second say differently of', [created('here'), revoked('here')], NOW, false],
  ['no grants, where they are too many', [created('other')], notKept, true],
  ['no key', [created('other')], { problem: 'denied' }, false],
  ['a key that was disabled', [hintOf('DisableKey', { keyId: KEY })], disabled, true],
  ['a key that is to be deleted', [hintOf('ScheduleKeyDeletion', { keyId: KEY })], NOW, false],
  ['a key that is no longer to be', [hintOf('CancelKeyDeletion', { keyId: KEY })], disabled, true],
  ['a key that was enabled', [hintOf('EnableKey', { keyId: KEY })], disabled, false],
  ['a key whose material is gone', [hintOf('DeleteImportedKeyMaterial', { keyId: KEY })], disabled, true],
  ['a key whose material is still there', [hintOf('DeleteExpiredKeyMaterial', null)], NOW, false],
  ['a key whose material came', [hintOf('ImportKeyMaterial', { keyId: KEY })], NOW, true, disabled],
  ['a key whose material may have come', [hintOf('ImportKeyMaterial', { keyId: KEY })], disabled, false],
  ['the key that an alias stands for', [movedTo(KEY_ID)], NOW, true],
  ['the same by its ARN', [movedTo(KEY)], NOW, true],
  ['another key than the one that an alias stands for', [movedTo('other')], NOW, false],
  [
    'no key under an alias that is gone',
    [hintOf('DeleteAlias', { aliasName: 'alias/demo' })],
    { problem: 'none' },
    true,
  ],
  ['a key under an alias that is gone', [hintOf('DeleteAlias', { aliasName: 'alias/demo' })], NOW, false],
  ['what was enabled again', [hintOf('DisableKey', null), hintOf('EnableKey', null, later)], NOW, true],
  ['one of two things', [created('here'), put('222222222222')], NOW, false],
  ['the same as before, after what says no more', [hintOf('PutKeyPolicy', { keyId: KEY })], NOW, false],
  ['another one, after what says no more', [hintOf('PutKeyPolicy', { keyId: KEY, policy: '{' })], NOW, true, disabled],
];
for (const [what, hints, after, isShown, before = after] of shownOrNot)
  t.test(`AWS shows ${what}: ${isShown ? 'that is it' : 'it may show more later'}`, async (t) => {
    t.equal(showsKey({ before, after }, hints), isShown);
  });
