import {
  CreateAliasCommand,
  CreateGrantCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  RetireGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import { EVENTS_QUEUE } from '../../src/local-aws/index.ts';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

async function trail(t: Test) {
  const aws = await start(t, { eventsQueue: EVENTS_QUEUE, clock: () => new Date('2026-03-01T13:05:09.250Z') });
  const QueueUrl = `${aws.local.url}/111111111111/secret-access-events`;
  const sqs = aws.client(SQSClient, 'LOCALOWNER');
  const next = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(String(Body)));
  };
  return { ...aws, sqs, QueueUrl, next };
}

t.test('a change is an event, as CloudTrail and EventBridge write it', async (t) => {
  const { secretsManager, next } = await trail(t);
  const owner = secretsManager('LOCALOWNER');
  t.strictSame(await next(), [], 'nothing of the seed');
  const policy = { SecretId: 'demo/database', ResourcePolicy: policyOf(allowMary), BlockPublicPolicy: true };
  const { $metadata } = await owner.send(new PutResourcePolicyCommand(policy));
  const [event, ...others] = await next();
  t.strictSame(others, []);
  t.match(event, {
    version: '0',
    id: /^[0-9a-f-]{36}$/,
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.secretsmanager',
    account: '111111111111',
    time: '2026-03-01T13:05:09Z',
    region: 'us-east-1',
  });
  const { eventID, userIdentity, userAgent, ...detail } = event.detail;
  t.strictSame(detail, {
    eventVersion: '1.11',
    eventTime: '2026-03-01T13:05:09Z',
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: 'PutResourcePolicy',
    awsRegion: 'us-east-1',
    sourceIPAddress: '127.0.0.1',
    requestParameters: { secretId: 'demo/database', resourcePolicy: policyOf(allowMary), blockPublicPolicy: true },
    responseElements: null,
    requestID: $metadata.requestId,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111111111111',
    eventCategory: 'Management',
  });
  t.match(eventID, /^[0-9a-f-]{36}$/);
  t.match(userAgent, /aws-sdk-js/);
  t.match(userIdentity, {
    type: 'IAMUser',
    principalId: /^AIDA/,
    arn: 'arn:aws:iam::111111111111:user/owner',
    accountId: '111111111111',
    accessKeyId: 'LOCALOWNER',
    userName: 'owner',
  });

  await owner.send(new DeleteSecretCommand({ SecretId: 'demo/api-key', RecoveryWindowInDays: 7 }));
  const [deleted] = await next();
  t.match(deleted.detail.responseElements, {
    name: 'demo/api-key',
    deletionDate: 'Mar 8, 2026 1:05:09 PM',
    aRN: /^arn:aws:secretsmanager:us-east-1:111111111111:secret:demo\/api-key-/,
  });
});

t.test('no event has the value of a secret, and a read is none', async (t) => {
  const { secretsManager, next } = await trail(t);
  const owner = secretsManager('LOCALOWNER');
  const SecretId = 'new';
  await owner.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: 'hush', Tags: [{ Key: 'team', Value: 'a' }] }),
  );
  await owner.send(new PutSecretValueCommand({ SecretId, SecretBinary: Buffer.from('hush') }));
  await owner.send(new GetSecretValueCommand({ SecretId }));
  await owner.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'SecretString', Value: 'shown' }] }));
  const events = await next();
  t.match(
    events.map(({ detail }) => [detail.eventName, detail.requestParameters]),
    [
      ['CreateSecret', { name: 'new', tags: [{ key: 'team', value: 'a' }] }],
      ['PutSecretValue', { secretId: 'new' }],
      ['TagResource', { tags: [{ key: 'SecretString', value: 'shown' }] }],
    ],
  );
  t.notMatch(JSON.stringify(events), /hush|aHVzaA|secretBinary/);
});

t.test('of a key the ARN is told, whatever the caller called it', async (t) => {
  const { kms, next } = await trail(t);
  const owner = kms('LOCALOWNER');
  const { KeyMetadata } = await owner.send(new DescribeKeyCommand({ KeyId: 'alias/demo' }));
  const { KeyId, Arn } = KeyMetadata ?? {};
  const Constraints = { EncryptionContextSubset: { SecretARN: 'arn:x' } };
  const { GrantId, GrantToken } = await owner.send(
    new CreateGrantCommand({ KeyId, GranteePrincipal: MARY, Operations: ['Decrypt'], Constraints }),
  );
  await owner.send(new RetireGrantCommand({ GrantToken }));
  await owner.send(new CreateAliasCommand({ AliasName: 'alias/second', TargetKeyId: Arn }));
  await owner.send(new DisableKeyCommand({ KeyId }));
  await owner.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  const events = await next();
  const resources = [{ accountId: '111111111111', type: 'AWS::KMS::Key', ARN: Arn }];
  for (const { source, detail } of events) t.match([source, detail.resources], ['aws.kms', resources]);
  t.strictSame(
    events.map(({ detail }) => [detail.eventName, detail.requestParameters, detail.responseElements]),
    [
      [
        'CreateGrant',
        {
          keyId: KeyId,
          granteePrincipal: MARY,
          operations: ['Decrypt'],
          constraints: { encryptionContextSubset: { SecretARN: 'arn:x' } },
        },
        { grantId: GrantId, keyId: Arn },
      ],
      ['RetireGrant', null, { keyId: Arn }],
      ['CreateAlias', { aliasName: 'alias/second', targetKeyId: Arn }, { keyId: Arn }],
      ['DisableKey', { keyId: KeyId }, { keyId: Arn }],
      [
        'ScheduleKeyDeletion',
        { keyId: KeyId, pendingWindowInDays: 7 },
        { keyId: Arn, keyState: 'PendingDeletion', pendingWindowInDays: 7, deletionDate: 'Mar 8, 2026 1:05:09 PM' },
      ],
    ],
  );
});

t.test('across accounts both have it, the owner without the caller’s name; a refusal is the caller’s', async (t) => {
  const { local, secretsManager, sts, next } = await trail(t);
  const SecretId = arnOf(local, 'demo/database');
  const mary = secretsManager('LOCALMARY');
  await t.rejects(mary.send(new DeleteResourcePolicyCommand({ SecretId })));
  const refused = await next();
  t.match(refused, [
    {
      account: '123456789999',
      detail: { errorCode: 'AccessDenied', errorMessage: /is not authorized to perform/, responseElements: null },
    },
  ]);
  t.equal(refused.length, 1);

  await secretsManager('LOCALOWNER').send(
    new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }),
  );
  await next();
  await mary.send(new DeleteResourcePolicyCommand({ SecretId }));
  const [own, foreign] = await next();
  t.match([own.account, foreign.account], ['123456789999', '111111111111']);
  t.match(own.detail.userIdentity, { type: 'IAMUser', arn: MARY });
  t.strictSame(foreign.detail.userIdentity, {
    type: 'AWSAccount',
    principalId: own.detail.userIdentity.principalId,
    accountId: '123456789999',
  });
  t.equal(own.detail.sharedEventID, foreign.detail.sharedEventID);
  t.not(own.detail.eventID, foreign.detail.eventID);

  // Account 222222222222 is in no organization with the queue's: its own trail is its own.
  const app = secretsManager('LOCALAPP');
  await t.rejects(app.send(new TagResourceCommand({ SecretId, Tags: [] })));
  t.strictSame(await next(), []);

  const { Credentials } = await sts('LOCALSERVICE').send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::333333333333:role/secret-access-target',
      RoleSessionName: 'work',
      ExternalId: 'local',
    }),
  );
  const target = secretsManager(String(Credentials?.AccessKeyId), 'us-east-1', Credentials?.SessionToken);
  await target.send(new DeleteResourcePolicyCommand({ SecretId: 'demo/other-account' }));
  const [session] = await next();
  t.match(session, {
    account: '333333333333',
    detail: {
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::333333333333:assumed-role/secret-access-target/work',
        sessionContext: {
          sessionIssuer: { type: 'Role', userName: 'secret-access-target', principalId: /^AROA/ },
          attributes: { creationDate: '2026-03-01T13:05:09Z', mfaAuthenticated: 'false' },
        },
      },
    },
  });
});

t.test('a queue that does not let the rule in gets nothing, and the change is made all the same', async (t) => {
  const { secretsManager, sqs, QueueUrl, next } = await trail(t);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));
  const Tags = [{ Key: 'a', Value: 'b' }];
  await secretsManager('LOCALOWNER').send(new TagResourceCommand({ SecretId: 'demo/database', Tags }));
  t.strictSame(await next(), []);
});
