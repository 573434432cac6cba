import { type CreateGrantCommandInput, ListGrantsCommand, RevokeGrantCommand } from '@aws-sdk/client-kms';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { Bed, Reader } from '../bed.ts';
import { allow, type Fact, outcome } from '../fact.ts';

type Grant = Partial<Omit<CreateGrantCommandInput, 'KeyId'>>;

/** A secret that the other account may read, under a key that lets it by grants only. */
async function shared(bed: Bed): Promise<string> {
  const secret = await bed.secret({ KmsKeyId: await bed.key() });
  await bed.put(secret, allow(bed.other.id, 'secretsmanager:GetSecretValue'));
  return secret;
}

const DENIED = 'AccessDeniedException';

/** What reading ends with while there is such a grant, which is revoked afterwards. */
async function whileGranted(bed: Bed, secret: string, grant: Grant, expected: string, reader: Reader = bed.reader) {
  const input = { GranteePrincipal: bed.reader.arn, Operations: ['Decrypt' as const], ...grant };
  const GrantId = await bed.grant(input);
  const seen = await bed.eventually(() => bed.read(reader, secret), expected);
  await bed.owner.kms.send(new RevokeGrantCommand({ KeyId: await bed.key(), GrantId }));
  await bed.eventually(() => bed.read(reader, secret), DENIED);
  return seen;
}

const subset = (EncryptionContextSubset: Record<string, string>): Grant => ({
  Constraints: { EncryptionContextSubset },
});

export const grantFacts: readonly Fact[] = [
  {
    row: 'All constraints must hold; names in an encryption context match without regard to case',
    expected: 'another case: works, another value: AccessDeniedException',
    try: async (bed) => {
      const secret = await shared(bed);
      const named = await whileGranted(bed, secret, subset({ secretarn: secret }), 'works');
      const valued = await whileGranted(bed, secret, subset({ SecretARN: secret.toUpperCase() }), DENIED);
      return `another case: ${named}, another value: ${valued}`;
    },
  },
  {
    row: '`EncryptionContextEquals` wants the whole context',
    expected: 'a part: AccessDeniedException, all: works, after a new value: AccessDeniedException',
    try: async (bed) => {
      const SecretId = await shared(bed);
      const put = async () => {
        const command = new PutSecretValueCommand({ SecretId, SecretString: 'next' });
        return (await bed.owner.secretsManager.send(command)).VersionId ?? '';
      };
      const equals = (EncryptionContextEquals: Record<string, string>) => ({
        Constraints: { EncryptionContextEquals },
      });
      const part = await whileGranted(bed, SecretId, equals({ SecretARN: SecretId }), DENIED);
      const whole = equals({ SecretARN: SecretId, SecretVersionId: await put() });
      const all = await whileGranted(bed, SecretId, whole, 'works');
      await put();
      return `a part: ${part}, all: ${all}, after a new value: ${await whileGranted(bed, SecretId, whole, DENIED)}`;
    },
  },
  {
    row: '`SourceArn` is as the condition key `aws:SourceArn`',
    expected: 'AccessDeniedException',
    try: async (bed) => {
      const secret = await shared(bed);
      return whileGranted(bed, secret, { Constraints: { SourceArn: secret } }, DENIED);
    },
  },
  {
    row: 'A new grant may take minutes',
    expected: 'before: AccessDeniedException, in the end: works',
    try: async (bed) => {
      const secret = await shared(bed);
      const before = await bed.read(bed.reader, secret);
      return `before: ${before}, in the end: ${await whileGranted(bed, secret, {}, 'works')}`;
    },
  },
  {
    row: 'The same name and parameters give the first grant again',
    expected: 'the same',
    try: async (bed) => {
      await bed.key();
      const grant = {
        GranteePrincipal: bed.reader.arn,
        Operations: ['Decrypt' as const],
        Name: `verify-aws-${bed.run}`,
      };
      const ids = [await bed.grant(grant), await bed.grant(grant)];
      const KeyId = await bed.key();
      for (const GrantId of new Set(ids)) await bed.owner.kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
      return ids[0] === ids[1] ? 'the same' : 'another';
    },
  },
  {
    row: 'At most 50,000 grants a key, 100 a page of ListGrants',
    expected: '100: works, 101: ValidationException',
    try: async (bed) => {
      const KeyId = await bed.key();
      const list = (Limit: number) => outcome(bed.owner.kms.send(new ListGrantsCommand({ KeyId, Limit })));
      return `100: ${await list(100)}, 101: ${await list(101)}`;
    },
  },
  {
    row: 'A grantee of another account needs its own IAM policy as well',
    expected: 'without: AccessDeniedException, with: works',
    try: async (bed) => {
      const secret = await shared(bed);
      const bare = await bed.role(bed.other, 'no-kms', {
        Effect: 'Allow',
        Action: 'secretsmanager:*',
        Resource: '*',
      });
      const without = await whileGranted(bed, secret, { GranteePrincipal: bare.arn }, DENIED, bare);
      return `without: ${without}, with: ${await whileGranted(bed, secret, {}, 'works')}`;
    },
  },
];
