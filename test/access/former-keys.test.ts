import t from 'tap';
import { MARY } from '../helper.ts';
import { HOME, keyedSecret, legOf } from './keyed-secret.ts';

const READ = 'secretsmanager:GetSecretValue';
const SERVICE = 'arn:aws:iam::111111111111:role/secret-access-service';
const MARY_READS = { Effect: 'Allow', Principal: { AWS: MARY }, Action: 'kms:Decrypt', Resource: '*' };

/** A secret of Mary's, under another key than it had first. `isKept`: whoever changed it could not decrypt by the first. */
async function rekeyedSecret(t: Parameters<typeof keyedSecret>[0], isKept: boolean) {
  const secret = await keyedSecret(t);
  const { aws, arn, KeyId } = secret;
  const asOwner = (service: 'kms' | 'secretsmanager', operation: string, input: object) =>
    aws.call('LOCALOWNER', HOME, service, operation, input);
  await secret.share();
  const now = await secret.createKey();
  if (isKept) asOwner('kms', 'DisableKey', { KeyId });
  asOwner('secretsmanager', 'UpdateSecret', { SecretId: arn, KmsKeyId: now });
  if (isKept) asOwner('kms', 'EnableKey', { KeyId });
  const write = () => {
    asOwner('secretsmanager', 'PutSecretValue', { SecretId: arn, SecretString: 'new' });
    secret.later();
  };
  return { ...secret, now, write };
}

t.test('a value that AWS keeps under both keys may be read by the former one', async (t) => {
  const secret = await rekeyedSecret(t, false);
  await secret.putKeyPolicy([MARY_READS]);
  const legs = await secret.legsOf(READ);
  t.match(legOf(legs), {
    status: 'unknown',
    detail: /AWSCURRENT is under a former key of the secret \(arn:aws:kms:.*may let/,
  });
  t.ok(legOf(legs)?.statement, 'what would make it certain');
  t.equal(await secret.maryReads(), 'done');
  secret.write();
  t.match(legOf(await secret.legsOf(READ)), { status: 'unknown', detail: /AWSPREVIOUS is under a former key/ });
  secret.write();
  t.match(legOf(await secret.legsOf(READ)), { status: 'missing' }, 'no version with a label is under it any more');
  t.equal(await secret.maryReads(), 'AccessDeniedException');
});

t.test('a value that was left under the former key is not read by the key of now', async (t) => {
  const secret = await rekeyedSecret(t, true);
  await secret.putKeyPolicy([MARY_READS], secret.now);
  const legs = await secret.legsOf(READ);
  t.match(legOf(legs), { status: 'unknown', detail: /AWSCURRENT is only under a former key of the secret/ });
  t.match(
    legs.find(({ leg }) => leg === 'identityPolicy'),
    { status: 'done' },
    'her own policies let her use any key',
  );
  t.match((await secret.share({}, '?dryRun=true')).json.summary, /not known whether the key lets it|hangs on its key/);
  t.equal(await secret.maryReads(), 'AccessDeniedException');
  secret.write();
  t.match(legOf(await secret.legsOf(READ)), { status: 'unknown', detail: /AWSPREVIOUS is only under a former key/ });
  t.equal(await secret.maryReads(), 'done');
  secret.write();
  t.match(legOf(await secret.legsOf(READ)), { status: 'done' });
});

t.test(
  'where the versions may not be listed it is not known, and the action that the role lacks is named',
  async (t) => {
    const secret = await keyedSecret(t);
    await secret.putKeyPolicy([MARY_READS]);
    await secret.share();
    t.match(legOf(await secret.legsOf(READ)), { status: 'done' });
    const [policy] = secret.aws.directory.find(SERVICE)?.policies ?? [];
    const text = JSON.stringify(policy).replace('"secretsmanager:ListSecretVersionIds",', '');
    secret.aws.directory.setIdentityPolicies(SERVICE, [JSON.parse(text)]);
    secret.later();
    t.match(legOf(await secret.legsOf(READ)), { status: 'unknown', detail: /ListSecretVersionIds/ });
  },
);
