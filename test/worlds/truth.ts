import { AwsError } from '../../src/local-aws/protocol/errors.ts';
import { type Bed, EVERYTHING, type Input } from './bed.ts';
import type { Caller } from './cast.ts';
import type { Denials } from './denials.ts';
import { documentOf, type Limit, limiterOf } from './limits.ts';
import type { Staged } from './set-up.ts';
import { type Action, REGION } from './world.ts';

/**
 * How a call ended. `secret`: refused by the secret's policy, or the caller's identity policies for the secret; `key`:
 * let through there, and refused by the key.
 */
export type Outcome = 'works' | 'key' | 'secret' | 'secretExplicitly';

export const passesSecret = (outcome: Outcome): boolean => outcome === 'works' || outcome === 'key';

/**
 * Under which policy of the secret: one that lets everybody do everything, the one before the change, the one after it, or
 * Deny statements of that.
 */
export type Policy = 'open' | 'before' | 'after' | Denials;

/** Whose identity policies: those of the world, everything, or none. */
export type Identity = 'own' | 'everything' | 'none';

/** What whoever judges may not know of a call: whether it names a version stage, and where it comes from. */
export type Circumstances = 'plain' | 'stage' | 'previous' | 'endpoint' | 'internet';

type Question = {
  policy: Policy;
  action: Action;
  region: string;
  identity: Identity;
  circumstances?: Circumstances | undefined;
  /** Which kinds of the world's limits bind the caller; none unless given. */
  under?: readonly Limit[] | undefined;
};

export type Truth = {
  /** What the stand-in, which enforces everything, answers to the call. */
  of(caller: Caller, question: Question): Outcome;
  /** The same call from this machine, over HTTP through the real SDK. */
  throughSdk(caller: Caller, question: Question): Promise<Outcome>;
};

const NETWORKS = {
  plain: undefined,
  stage: undefined,
  previous: undefined,
  endpoint: { vpc: 'vpc-0b0b0b0b', vpcEndpoint: 'vpce-0a0a0a0a', vpcSourceIp: '10.0.0.7' },
  internet: { sourceIp: '203.0.113.7' },
};

const stageOf = (circumstances: Circumstances | undefined): Pick<Input, 'VersionStage'> => {
  if (circumstances === 'stage') return { VersionStage: 'AWSCURRENT' };
  return circumstances === 'previous' ? { VersionStage: 'AWSPREVIOUS' } : {};
};

type Policies = Record<Policy, ReturnType<Bed['aws']['keptPolicy']>>;

/** Calls are made when their answer is asked for, each once. */
export function truthOf(bed: Bed, { arns, world }: Staged, policies: Policies): Truth {
  const { aws } = bed;
  const known = new Map<string, Outcome>();
  const secretArn = arns[REGION] ?? '';
  let now: Policy | undefined;
  const identities = new Map<string, Identity>();
  const limit = limiterOf(bed, world);

  /** Brings about what the question supposes, and says what to call with. */
  const suppose = (caller: Caller, { under = [], ...question }: Question): Input => {
    const { action, region, identity, policy, circumstances } = question;
    if (policy !== now) aws.keepPolicy(secretArn, policies[policy] ?? null);
    now = policy;
    const { arn } = caller.principal;
    const own = world.identities[arn];
    const policiesOf = {
      own: own ? [documentOf(own)] : [],
      everything: [EVERYTHING],
      none: [],
    };
    if (identity !== identities.get(arn)) aws.directory.setIdentityPolicies(arn, policiesOf[identity]);
    identities.set(arn, identity);
    limit(caller, under);
    return {
      SecretId: arns[region] ?? '',
      ...(action === 'secretsmanager:PutSecretValue' && { SecretString: 'new', VersionStages: ['TRIED'] }),
      ...(action === 'secretsmanager:GetSecretValue' && stageOf(circumstances)),
    };
  };
  const ask = (caller: Caller, question: Question): Outcome => {
    const input = suppose(caller, question);
    const { action, region, circumstances = 'plain' } = question;
    const operation = action.slice('secretsmanager:'.length);
    try {
      aws.call(caller.accessKeyId, region, 'secretsmanager', operation, input, NETWORKS[circumstances]);
      return 'works';
    } catch (error) {
      if (error instanceof AwsError) return outcomeOf(error, error.code);
      throw error;
    }
  };
  return {
    of: (caller, question) => {
      const { policy, action, region, identity, circumstances = 'plain', under = [] } = question;
      const name = `${caller.accessKeyId} ${policy} ${action} ${region} ${identity} ${circumstances} ${under.join()}`;
      const outcome = known.get(name) ?? ask(caller, question);
      known.set(name, outcome);
      return outcome;
    },
    throughSdk: (caller, question) =>
      bed.send(caller, question.region, question.action, suppose(caller, question)).then(
        () => 'works',
        (error: Error) => outcomeOf(error, error.name),
      ),
  };
}

/** @throws Error for what no world asks for */
function outcomeOf(error: Error, code: string): Outcome {
  if (/^User: .* is not authorized to perform: secretsmanager:/.test(error.message)) {
    return error.message.includes('with an explicit deny') ? 'secretExplicitly' : 'secret';
  }
  const isOfKey =
    error.message === 'Access to KMS is not allowed' ||
    error.message.includes('default KMS service key') ||
    /^(Decryption|Encryption)/.test(code);
  if (isOfKey) return 'key';
  throw error;
}
