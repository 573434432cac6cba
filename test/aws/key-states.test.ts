import t from 'tap';
import { startAdapters } from './start.ts';

/** What DescribeKey shows of each state. Source: KMS Developer Guide, "Key states of AWS KMS keys"; `Enabled` is of the first alone. */
const STATES = {
  Enabled: true,
  Updating: true,
  Disabled: false,
  PendingImport: false,
  PendingDeletion: false,
  PendingReplicaDeletion: false,
  Unavailable: false,
  Creating: false,
};

t.test('a key works that is enabled, or whose primary Region changes just now, and no other', async (t) => {
  const { keys, proxy } = await startAdapters(t);
  const Arn = 'arn:aws:kms:us-east-1:111111111111:key/mrk-1234abcd';
  for (const [KeyState, works] of Object.entries(STATES)) {
    const KeyMetadata = { Arn, KeyId: 'mrk-1234abcd', AWSAccountId: '111111111111', KeyManager: 'CUSTOMER', KeyState };
    const body = JSON.stringify({ KeyMetadata: { ...KeyMetadata, Enabled: KeyState === 'Enabled' } });
    const takeAway = proxy.inject('DescribeKey', { do: 'reply', body });
    t.equal((await keys.describe(Arn, 'us-east-1', '111111111111')).enabled, works, KeyState);
    takeAway();
  }
});
