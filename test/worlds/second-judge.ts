import type { PolicyDocument } from '../../src/policy/document.ts';
import { askOracle, type OracleLimits } from '../policy/oracle.ts';
import type { Bed } from './bed.ts';
import { type Caller, OWNER, PRINCIPALS } from './cast.ts';
import { type Claim, callersOf, principalOf } from './claims.ts';
import { LIMITS } from './limits.ts';
import { keyLets } from './second-key.ts';
import type { Staged } from './set-up.ts';
import { type Asked, contextOf, identityOf, isBeyondLimits, limitsOf, simulated } from './simulated.ts';
import { type Outcome, passesSecret, type Truth } from './truth.ts';
import { type Action, REGION, type World } from './world.ts';

const GET: Action = 'secretsmanager:GetSecretValue';
type Decision = Awaited<ReturnType<typeof askOracle>>['decision'];

/**
 * The stand-in enforces with the product's own evaluator, whose faults would agree with themselves: so some of its
 * answers are held against another simulator. It knows no grants; those are judged by a rule of our own.
 */
export async function secondJudge(
  bed: Bed,
  staged: Staged,
  truth: Truth,
  after: PolicyDocument | null,
): Promise<Claim[]> {
  const { world, arns } = staged;
  const changed = world.change && 'body' in world.change ? principalOf(world.change.body) : '';
  const principals = [...world.questions.map(({ principal }) => principal), changed];
  const callers = [...new Set(principals.flatMap((principal) => callersOf(world, principal).slice(0, 1)))].slice(0, 2);
  // What the service grants is not written down in the world.
  const grantsByUs = [...world.entries, world.change].some(
    (entry) => entry && 'body' in entry && entry.body['grantKey'] === true,
  );
  const claims: Claim[] = [];
  for (const [index, caller] of callers.entries()) {
    const region = Object.keys(arns)[index] ?? REGION;
    for (const identity of ['own', 'everything'] as const) {
      const on = { bed, staged, caller, region, identity };
      const policy = named(bed, after);
      if (!isBeyond(policy, world, caller)) {
        const answer = truth.of(caller, { policy: 'after', action: GET, region, identity });
        claims.push(compared('secret', caller, BY_OUTCOME[answer], await secretDecision(on, policy)));
        if (world.limits !== null && !isBeyondLimits(policy, caller)) {
          const bound = truth.of(caller, { policy: 'after', action: GET, region, identity, under: LIMITS });
          const judged = await secretDecision(on, policy, limitsOf(world, caller));
          claims.push(compared('limited secret', caller, BY_OUTCOME[bound], judged));
        }
      }
      const answer = truth.of(caller, { policy: 'open', action: GET, region, identity });
      // It knows nothing of former keys.
      if (passesSecret(answer) && !grantsByUs && world.former === null) {
        claims.push(compared('key', caller, answer, (await keyLets(on)) ? 'works' : 'key'));
      }
    }
  }
  return claims;
}

const compared = (side: string, { arn }: Caller, real: string, judged: string): Claim => ({
  kind: `second judge ${side} ${real}`,
  about: arn,
  wrong: real === judged ? null : `the stand-in: ${real}, the second judge: ${judged}`,
});

const BY_OUTCOME: Record<Outcome, Decision> = {
  works: 'allowed',
  key: 'allowed',
  secret: 'implicitlyDenied',
  secretExplicitly: 'explicitlyDenied',
};

/** Where its answer is known not to be the one that AWS documents (test/policy/arbitrary-access.ts). */
function isBeyond(policy: PolicyDocument | null, world: World, caller: Caller): boolean {
  const text = JSON.stringify(policy);
  const excepted = [...text.matchAll(/"NotPrincipal":(\{.*?\})/g)].map(([, names = '']) => names);
  return (
    text.includes('secretsmanager:ResourceTag') ||
    // It takes an ARN apart before it puts the variable's value in.
    /"Arn\w+":\{"[^"]+":"arn:aws:iam::\$/.test(text) ||
    (text.includes('{aws:ResourceOrgID}') && (world.organizations[OWNER] ?? null) === null) ||
    excepted.some((names) => names.includes(caller.principal.account) && !names.includes(caller.arn))
  );
}

async function secretDecision(
  { bed, staged, caller, region, identity }: Asked,
  policy: PolicyDocument | null,
  limits?: OracleLimits,
): Promise<Decision> {
  const resource = staged.arns[region] ?? '';
  const { decision } = await askOracle({
    request: {
      caller: simulated(caller),
      action: GET,
      resource,
      resourceAccount: OWNER,
      context: {
        ...contextOf(bed, staged.world, caller, region),
        'aws:ViaAWSService': 'false',
        'aws:SourceIp': '127.0.0.1',
        'aws:UserAgent': 'local',
        'aws:ResourceTag/team': 'payments',
        'secretsmanager:SecretId': resource,
        'secretsmanager:SecretPrimaryRegion': REGION,
      },
      contextIs: 'complete',
    },
    resourcePolicy: policy,
    identityPolicies: identityOf(staged.world, caller, identity),
    ...(limits && { limits }),
  });
  return decision;
}

/** A kept policy with principals by their ARNs again. */
function named({ aws }: Bed, policy: PolicyDocument | null): PolicyDocument | null {
  let text = JSON.stringify(policy);
  for (const { arn } of PRINCIPALS) {
    const id = aws.directory.find(arn)?.uniqueId;
    if (id !== undefined) text = text.replaceAll(id, arn);
  }
  return JSON.parse(text) as PolicyDocument | null;
}
