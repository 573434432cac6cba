import {
  CreateKeyCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kms';
import t from 'tap';
import { start } from './start.ts';

t.test('keys are listed by page, and have tags that policies see', async (t) => {
  const { local, kms } = await start(t);
  const keys = kms('LOCALOWNER');
  const Tags = [{ TagKey: 'team', TagValue: 'core' }];
  const { KeyMetadata } = await keys.send(new CreateKeyCommand({ Tags }));
  const KeyId = KeyMetadata?.Arn ?? '';
  const first = await keys.send(new ListKeysCommand({ Limit: 2 }));
  t.equal(first.Truncated, true);
  const rest = await keys.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
  t.equal(new Set([...(first.Keys ?? []), ...(rest.Keys ?? [])].map((key) => key.KeyArn)).size, 4, 'with AWS’s own');
  t.same((await keys.send(new ListResourceTagsCommand({ KeyId }))).Tags, Tags);
  await keys.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }));
  await t.rejects(keys.send(new TagResourceCommand({ KeyId, Tags: [...Tags, ...Tags] })), { name: 'TagException' });
  local.directory.createUser({
    arn: 'arn:aws:iam::111111111111:user/core',
    accessKeyId: 'LOCALCORE',
    policies: [
      {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'kms:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/team': 'core' } },
        },
      },
    ],
  });
  const list = () => kms('LOCALCORE').send(new ListResourceTagsCommand({ KeyId }));
  t.equal((await list()).Tags?.length, 2);
  await keys.send(new UntagResourceCommand({ KeyId, TagKeys: ['team'] }));
  await t.rejects(list(), { name: 'AccessDeniedException' });
});
