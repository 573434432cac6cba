import fc from 'fast-check';
import t from 'tap';
import { FULL_ACCESS } from '../../src/local-aws/directory/organizations.ts';
import { AwsError } from '../../src/local-aws/protocol/errors.ts';
import type { Statement } from '../../src/policy/document.ts';
import { cases, isLong } from '../runs.ts';
import { numbered, OWN, READERS, type World, world } from './arbitrary-readers.ts';
import { type OwnLeg, only, readBySecret } from './readers.ts';

/**
 * Worlds of identity policies, permissions boundaries and control policies that the service reads from IAM and Organizations: what the
 * legs say for certain is what then happens. The stand-in enforces them by code of its own (src/local-aws/enforcement/limits.ts).
 */

const SKIP = !isLong && 'npm test has the tables: own-side, boundaries, organization-legs';
t.test('what legs of the reader’s side say for certain is what then happens', { skip: SKIP }, async (t) => {
  const secret = await readBySecret(t, {
    READER_ACCOUNTS: '123456789999,222222222222',
    ...{ ORGANIZATION_ROLE_NAME: 'secret-access-organization', ORGANIZATION_ROLE_EXTERNAL_ID: 'local' },
  });
  const { aws, call, url, arn, later, putKeyPolicy } = secret;
  const { directory, organizations } = aws;
  directory.createRole({ arn: READERS[1].arn, policies: [], accessKeyId: 'WORKER', tags: { team: 'payments' } });
  directory.createUser({ arn: READERS[2].arn, policies: [], accessKeyId: 'COLLEAGUE' });
  directory.createRole({ arn: READERS[3].arn, policies: [], accessKeyId: 'HELPER' });
  const lets = (names: readonly string[], Action: string) => ({
    Effect: 'Allow',
    Principal: { AWS: names },
    Action,
    Resource: '*',
  });
  const Tags = [{ Key: 'team', Value: 'payments' }];
  aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'TagResource', { SecretId: arn, Tags });
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  const putPolicies = async ({ named, keyNamed }: World, isOpen: boolean) => {
    const everybody = (action: string) => (isOpen ? [lets(['*'], action)] : []);
    const Statement = [lets(named, 'secretsmanager:*'), ...everybody('secretsmanager:*')];
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement });
    aws.call('LOCALOWNER', 'us-east-1', 'secretsmanager', 'PutResourcePolicy', { SecretId: arn, ResourcePolicy });
    await putKeyPolicy([lets(keyNamed, 'kms:Decrypt'), ...everybody('kms:Decrypt')]);
  };
  const putSides = ({ identities, boundaries }: World, isOpen: boolean) => {
    for (const [index, { arn: reader }] of READERS.entries()) {
      directory.setIdentityPolicies(reader, isOpen ? [only('*')] : (identities[index] ?? []));
      directory.setPermissionsBoundary(reader, isOpen ? null : (boundaries[index] ?? null));
    }
  };
  const putControls = ({ serviceControl, resourceControl }: World) => {
    organizations.setServiceControlPolicies('r-loca', [serviceControl.root ?? FULL_ACCESS]);
    organizations.setServiceControlPolicies('123456789999', [serviceControl.reader ?? FULL_ACCESS]);
    organizations.setServiceControlPolicies(OWN, [serviceControl.owner ?? FULL_ACCESS]);
    const denials = (resourceControl ?? []).map((one): Statement => ({ ...one, Effect: 'Deny', Principal: '*' }));
    organizations.setResourceControlPolicies(OWN, denials.length === 0 ? [] : [numbered(denials)]);
  };
  const suppose = async (of: World, { policies, side, controls }: Supposed) => {
    // They bind who sets the world up, too.
    putControls({ ...of, serviceControl: { root: null, reader: null, owner: null }, resourceControl: null });
    await putPolicies(of, policies === 'open');
    putSides(of, side === 'open');
    if (controls === 'own') putControls(of);
  };
  const readsAs = (key: string): boolean => {
    try {
      aws.call(key, 'us-east-1', 'secretsmanager', 'GetSecretValue', { SecretId: arn });
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  };
  const legsOf = async (principal: string): Promise<OwnLeg[] | undefined> => {
    const asked = { principal, action: 'secretsmanager:GetSecretValue' };
    const { status, json } = await call('POST', `${url}/access-checks`, asked);
    // Control policies bind the service, too.
    if (status !== 200) count('not answered');
    return status === 200 ? json.legs : undefined;
  };

  await fc.assert(
    fc.asyncProperty(world, async (of) => {
      await suppose(of, { policies: 'own', side: 'own', controls: 'own' });
      later(301_000);
      const told: Told[] = [];
      for (const { key, arn: principal } of READERS) {
        const legs = await legsOf(principal);
        if (legs !== undefined) told.push({ principal, key, legs, reads: [readsAs(key)] });
        for (const { leg, status } of legs ?? []) count(`${leg} ${status}`);
      }
      for (const supposed of SUPPOSED) {
        await suppose(of, supposed);
        for (const { key, reads } of told) reads.push(readsAs(key));
      }
      for (const one of told) {
        for (const claim of claimsOf(one)) {
          count(claim.of);
          if (!claim.holds)
            throw new Error(`${claim.of} is false: ${one.principal} ${JSON.stringify(one.legs, null, 1)}`);
        }
      }
    }),
    cases(0, 140, 4_000),
  );
  t.comment(JSON.stringify(counts, null, 1));
  for (const what of CLAIMS) t.ok((counts[what] ?? 0) > 0, `${what}: ${counts[what] ?? 0}`);
});

/** Whether secret and key let everybody, whether the readers have every identity policy and no boundary, and what binds accounts. */
type Supposed = { policies: 'own' | 'open'; side: 'own' | 'open'; controls: 'own' | 'none' };
const SUPPOSED: readonly Supposed[] = [
  { policies: 'own', side: 'own', controls: 'none' },
  { policies: 'open', side: 'own', controls: 'none' },
  { policies: 'open', side: 'open', controls: 'own' },
];

/** What was said of a reader, and whether it reads: as it is, and as supposed. */
type Told = { principal: string; key: string; legs: OwnLeg[]; reads: boolean[] };

const CLAIMS = [
  ...['all stand', 'one is missing', 'the own side stands', 'the own side is missing', 'a boundary is in the way'],
  ...['control policies stand', 'a control policy is in the way'],
] as const;

/** Each by what decides it alone. */
function claimsOf({ principal, legs, reads }: Told): { of: (typeof CLAIMS)[number]; holds: boolean }[] {
  const [asItIs = false, uncontrolled = false, ownSideAlone = false, controlsAlone = false] = reads;
  const isMissing = ({ status }: OwnLeg) => status === 'missing';
  const stands = ({ status }: OwnLeg) => status === 'done' || status === 'notNeeded';
  const own = legs.filter(({ leg }) => leg === 'identityPolicy');
  // What a service control policy keeps from the service is not seen: `notNeeded` is then said with what may limit it.
  const isSeen = own.every(({ asOf }) => asOf !== undefined);
  const controls = legs.filter(({ leg }) => leg === 'organization');
  // In one account secret and key may let in by themselves.
  const lacking = principal.includes(OWN) ? uncontrolled : uncontrolled || ownSideAlone;
  const isBounded = own.some((leg) => isMissing(leg) && /^Its permissions boundary/.test(leg.detail));
  return [
    ...(isSeen && legs.every(stands) ? [{ of: CLAIMS[0], holds: asItIs }] : []),
    ...(legs.some(isMissing) ? [{ of: CLAIMS[1], holds: !asItIs }] : []),
    ...(isSeen && own.every(stands) ? [{ of: CLAIMS[2], holds: ownSideAlone }] : []),
    ...(own.some(isMissing) ? [{ of: CLAIMS[3], holds: !lacking }] : []),
    ...(isBounded ? [{ of: CLAIMS[4], holds: !lacking }] : []),
    ...(controls.every(stands) ? [{ of: CLAIMS[5], holds: controlsAlone }] : []),
    ...(controls.some(isMissing) ? [{ of: CLAIMS[6], holds: !controlsAlone }] : []),
  ];
}
