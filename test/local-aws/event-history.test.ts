import { rmSync } from 'node:fs';
import { CreateGrantCommand } from '@aws-sdk/client-kms';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import t, { type Test } from 'tap';
import { scratch } from '../scratch.ts';
import { allowMary, arnOf, MARY, policyOf, start } from './start.ts';

const TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents';

type Event = { EventName: string; EventTime: number; CloudTrailEvent: string; [member: string]: unknown };
type Answer = { Events: Event[]; NextToken?: string; __type?: string };

/** A stand-in whose clock is moved by hand, and LookupEvents as the AWS CLI sends it. */
async function history(t: Test, file = ':memory:') {
  let now = Date.parse('2026-03-01T13:05:09.250Z');
  const aws = await start(t, { clock: () => new Date(now), file });
  const lookUp = async (key: string, input: object = {}, region = 'us-east-1', target = TARGET) => {
    const scope = `${key}/20260301/${region}/cloudtrail/aws4_request`;
    const response = await fetch(aws.local.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=any`,
      },
      body: JSON.stringify(input),
    });
    return { status: response.status, json: (await response.json()) as Answer };
  };
  const names = async (key: string, input: object = {}, region?: string) =>
    (await lookUp(key, input, region)).json.Events.map(({ EventName }) => EventName);
  const by = (AttributeKey: string, AttributeValue: string) => ({
    LookupAttributes: [{ AttributeKey, AttributeValue }],
  });
  const adminOf = (account: string): string => {
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
    const policies = [{ Version: '2012-10-17', Statement } as const];
    aws.local.directory.createUser({ arn: `arn:aws:iam::${account}:user/admin`, accessKeyId: account, policies });
    return account;
  };
  const put = async (SecretString: string) =>
    aws.secretsManager('LOCALOWNER').send(new PutSecretValueCommand({ SecretId: 'demo/api-key', SecretString }));
  return { ...aws, lookUp, names, by, adminOf, put, wait: (ms: number) => (now += ms) };
}

t.test('changes, readings and refused tries are told, the newest first', async (t) => {
  const { local, secretsManager, lookUp, adminOf, wait } = await history(t);
  const [owner, mary] = [secretsManager('LOCALOWNER'), secretsManager('LOCALMARY')];
  const SecretId = arnOf(local, 'demo/database');
  const before = (await lookUp('LOCALOWNER')).json.Events.length;
  wait(1000);
  await owner.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policyOf(allowMary) }));
  wait(1000);
  await owner.send(new GetSecretValueCommand({ SecretId: 'demo/database' }));
  await owner.send(new DescribeSecretCommand({ SecretId }));
  wait(1000);
  await t.rejects(secretsManager('LOCALAPP').send(new GetSecretValueCommand({ SecretId })), {
    name: 'AccessDeniedException',
  });
  await mary.send(new GetSecretValueCommand({ SecretId }));
  const { Events } = (await lookUp('LOCALOWNER')).json;
  t.strictSame(
    Events.slice(0, Events.length - before).map(({ EventName, ReadOnly, Username }) => [EventName, ReadOnly, Username]),
    [
      ['GetSecretValue', 'true', undefined],
      ['GetSecretValue', 'true', 'owner'],
      ['PutResourcePolicy', 'false', 'owner'],
    ],
    'another account’s reader has no name here; what one was refused is in its own account',
  );
  const [foreign, read] = Events;
  t.match(JSON.parse(foreign?.CloudTrailEvent ?? '{}'), {
    userIdentity: { type: 'AWSAccount', accountId: '123456789999' },
    recipientAccountId: '111111111111',
  });
  t.match((await lookUp(adminOf('123456789999'))).json.Events[0], { EventName: 'GetSecretValue', Username: 'Mary' });
  const { CloudTrailEvent = '{}', EventId, ...shown }: Partial<Event> = read ?? {};
  t.strictSame(shown, {
    EventName: 'GetSecretValue',
    ReadOnly: 'true',
    AccessKeyId: 'LOCALOWNER',
    EventTime: Date.parse('2026-03-01T13:05:11Z') / 1000,
    EventSource: 'secretsmanager.amazonaws.com',
    Username: 'owner',
    Resources: [],
  });
  t.match(JSON.parse(CloudTrailEvent), {
    eventID: EventId,
    eventTime: '2026-03-01T13:05:11Z',
    readOnly: true,
    requestParameters: { secretId: 'demo/database' },
    responseElements: null,
    recipientAccountId: '111111111111',
  });
  t.notMatch(JSON.stringify(Events), 'SecretString');
  const [refused] = (await lookUp(adminOf('222222222222'))).json.Events;
  t.match(refused, { EventName: 'GetSecretValue', Username: 'local' });
  t.match(JSON.parse(refused?.CloudTrailEvent ?? '{}'), {
    errorCode: 'AccessDenied',
    recipientAccountId: '222222222222',
  });
});

t.test('what is looked for: one attribute, a time, a Region', async (t) => {
  const { local, kms, names, by, put, wait } = await history(t);
  const { KeyMetadata } = local.call('LOCALOWNER', 'us-east-1', 'kms', 'DescribeKey', { KeyId: 'alias/demo' });
  const KeyId = (KeyMetadata as { Arn: string }).Arn;
  wait(10_000);
  const from = Date.parse('2026-03-01T13:05:19Z') / 1000;
  await put('one');
  await kms('LOCALOWNER').send(new CreateGrantCommand({ KeyId, GranteePrincipal: MARY, Operations: ['Decrypt'] }));
  t.strictSame(await names('LOCALOWNER', { StartTime: from }), ['CreateGrant', 'PutSecretValue']);
  t.strictSame(await names('LOCALOWNER', { StartTime: from + 1 }), []);
  t.notOk((await names('LOCALOWNER', { EndTime: from - 1 })).includes('CreateGrant'));
  for (const [attribute, value, found] of [
    ['EventName', 'CreateGrant', ['CreateGrant']],
    ['EventSource', 'kms.amazonaws.com', ['CreateGrant']],
    ['ResourceName', KeyId, ['CreateGrant']],
    ['ResourceType', 'AWS::KMS::Key', ['CreateGrant']],
    ['Username', 'owner', ['CreateGrant', 'PutSecretValue']],
    ['AccessKeyId', 'LOCALOWNER', ['CreateGrant', 'PutSecretValue']],
    ['ReadOnly', 'false', ['CreateGrant', 'PutSecretValue']],
    ['ReadOnly', 'true', []],
    ['Username', 'Owner', []],
  ] as const) {
    t.strictSame(
      await names('LOCALOWNER', { StartTime: from, ...by(attribute, value) }),
      found,
      `${attribute} ${value}`,
    );
  }
  t.strictSame(await names('LOCALOWNER', { StartTime: from }, 'eu-west-1'), [], 'of its Region');
  t.strictSame(await names('LOCALOWNER', { EventCategory: 'insight' }), []);
  wait(90 * 86_400_000 + 1000);
  t.strictSame(await names('LOCALOWNER'), [], 'for 90 days');
});

t.test('pages go on where they ended, whatever comes meanwhile; a token is of one request', async (t) => {
  const { lookUp, by, put } = await history(t);
  for (const value of ['1', '2', '3', '4', '5']) await put(value);
  const asked = { ...by('EventName', 'PutSecretValue'), MaxResults: 2 };
  const first = await lookUp('LOCALOWNER', asked);
  await put('6');
  const second = await lookUp('LOCALOWNER', { ...asked, NextToken: first.json.NextToken });
  const third = await lookUp('LOCALOWNER', { ...asked, NextToken: second.json.NextToken });
  const ids = [first, second, third].map(({ json }) => json.Events.map(({ EventId }) => EventId));
  t.strictSame(
    ids.map(({ length }) => length),
    [2, 2, 1],
  );
  t.equal(new Set(ids.flat()).size, 5);
  t.equal(third.json.NextToken, undefined);
  const { NextToken } = first.json;
  for (const [input, code] of [
    [{ ...asked, NextToken: 'x' }, 'InvalidNextTokenException'],
    [{ ...asked, ...by('EventName', 'PutResourcePolicy'), NextToken }, 'InvalidNextTokenException'],
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
    [{ StartTime: 2, EndTime: 1 }, 'InvalidTimeRangeException'],
    [
      { LookupAttributes: [...by('EventName', 'a').LookupAttributes, ...by('Username', 'b').LookupAttributes] },
      'InvalidLookupAttributesException',
    ],
    [by('Colour', 'red'), 'ValidationException'],
  ] as const) {
    const { status, json } = await lookUp('LOCALOWNER', input);
    t.strictSame([status, json.__type], [400, code], JSON.stringify(input));
  }
});

t.test('it takes cloudtrail:LookupEvents; the namespace before the target may be left out', async (t) => {
  const { lookUp } = await history(t);
  const { status, json } = await lookUp('LOCALSERVICE');
  t.strictSame([status, json.__type], [400, 'AccessDeniedException']);
  t.equal((await lookUp('LOCALOWNER', {}, 'us-east-1', 'CloudTrail_20131101.LookupEvents')).status, 200);
});

t.test('the newest ten thousand are kept, in the file of the stand-in', async (t) => {
  const directory = scratch('event-history');
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = `${directory}/aws.db`;
  const { local, names, by } = await history(t, file);
  const read = { SecretId: 'demo/api-key' };
  for (let count = 0; count < 10_000; count += 1) {
    local.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'GetSecretValue', read);
  }
  t.strictSame(await names('LOCALOWNER', by('EventName', 'CreateSecret')), [], 'the seed’s are gone');
  const another = await history(t, file);
  t.equal((await another.names('LOCALOWNER', another.by('EventName', 'GetSecretValue'))).length, 50);
});
