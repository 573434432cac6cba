import t from 'tap';
import { hintsOf, MAX_BODY } from '../../src/estate/events/hint.ts';
import { changeEvent, type EventFacts } from './change-event.ts';

const NAME = 'demo/database';
const ARN = `arn:aws:secretsmanager:us-east-1:111111111111:secret:${NAME}-AbCdEf`;
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';
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
  [
    'RemoveRegionsFromReplication',
    { secretId: ARN, removeReplicaRegions: ['eu-west-1'] },
    {},
    [ARN, ARN.replace('us-east-1', 'eu-west-1')],
  ],
  ['PutKeyPolicy', { keyId: KEY.split('/')[1] ?? '' }, { source: 'kms' }, [KEY]],
  ['CreateGrant', { keyId: KEY }, { source: 'kms' }, [KEY]],
  ['RetireGrant', {}, { source: 'kms', detail: { resources: [{ type: 'AWS::KMS::Key', ARN: KEY }] } }, [KEY]],
  ['DisableKey', { keyId: 'alias/demo' }, { source: 'kms', detail: { resources: [{ ARN: KEY }] } }, [KEY]],
];
for (const [eventName, parameters, facts, ids] of named)
  t.test(`${eventName} of ${JSON.stringify(parameters)} says what to read again`, async (t) => {
    t.strictSame(idsOf(changeEvent(eventName, parameters, facts)), ids);
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
