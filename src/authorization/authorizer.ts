import type { Logger } from 'pino';
import type {
  AuthorizationDecision,
  AuthorizationRequest,
  Authorizer,
  GuardedAction,
} from '../access/guard/authorizer.ts';
import { keepLoaded } from '../files/reloading.ts';
import { createLru, type Lru } from '../lru.ts';
import { DomainError } from '../problems/problem.ts';
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from './cedar.ts';
import { cedarRequest, decisionKey, type Reads } from './cedar-request.ts';
import { DEFAULT_POLICIES, type Guardrail, type Guardrails, loadGuardrails, schema } from './load.ts';

export { DEFAULT_POLICIES };

const SCHEMA = 'guardrails';
/**
 * A decision follows from the policies and from what they look at of a request alone; taking it costs more than the rest of a look.
 */
const KEPT_DECISIONS = 1_000;
let authorizers = 0;
must(preparseSchema(SCHEMA, schema));

/** A decision holds for the set that it was taken by. */
type LoadedGuardrails = Guardrails & { decisions: Lru<AuthorizationDecision>; reads: Reads };

/**
 * Judges requests by the Cedar policies of a directory. Whatever no policy permits is refused, and a forbid beats
 * every permit. The directory is read again when it changes; a set that does not load leaves the one before in force.
 * @throws Error naming file and line when a policy is not valid
 */
export function createAuthorizer(options: {
  directory?: string;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
}): Authorizer & { reload(): void; close(): void } {
  const { directory = DEFAULT_POLICIES, log } = options;
  // Cedar keeps what it has parsed under a name, for the whole process.
  authorizers += 1;
  const policySet = `guardrails-${authorizers}`;
  const load = (): LoadedGuardrails => {
    const loaded = loadGuardrails(directory);
    const texts = Object.fromEntries([...loaded.byId].map(([id, { text }]) => [id, text]));
    must(preparsePolicySet(policySet, { staticPolicies: texts }));
    for (const warning of loaded.warnings) log.warn({ warning }, 'a guardrail looks wrong');
    log.info({ directory, policies: [...loaded.byId.keys()] }, 'guardrails loaded');
    return { ...loaded, decisions: createLru(KEPT_DECISIONS), reads: readByAny(loaded) };
  };
  const { current, reload, close } = keepLoaded(directory, { what: 'guardrails', load, log });

  const take = (request: AuthorizationRequest, asked: ReturnType<typeof cedarRequest>): AuthorizationDecision => {
    const answer = statefulIsAuthorized({
      ...asked,
      preparsedPolicySetId: policySet,
      preparsedSchemaName: SCHEMA,
      validateRequest: true,
    });
    if (answer.type === 'failure') {
      const cause = new Error(answer.errors.map(({ message }) => message).join('; '));
      throw new DomainError('internal-error', {
        why: `The guardrails can't judge the action ${request.action}.`,
        cause,
      });
    }
    const { decision, diagnostics } = answer.response;
    const failed = diagnostics.errors.map((error) => error.policyId);
    for (const { policyId, error } of diagnostics.errors) {
      log.error({ policy: policyId, reason: error.message }, 'a guardrail failed while it was evaluated');
    }
    return judge(current(), { decision, reason: diagnostics.reason, failed }, request);
  };

  return {
    reload,
    close,
    readsTags: (action) =>
      [...current().byId.values()].some(
        ({ tagsOf }) =>
          tagsOf !== 'none' && (tagsOf === 'any' || tagsOf.some((id) => [action, ...groupsOf(action)].includes(id))),
      ),
    decide(request) {
      const asked = cedarRequest(request);
      const { decisions, reads } = current();
      return decisions.get(decisionKey(asked, reads), () => take(request, asked));
    },
  };
}

function readByAny({ byId }: Guardrails): Reads {
  const of = (all: Guardrail['reads'][]) => (all.includes('any') ? 'any' : new Set(all.flat()));
  const guardrails = [...byId.values()];
  return {
    context: of(guardrails.map(({ reads }) => reads)),
    resource: of(guardrails.map(({ readsOfResource }) => readsOfResource)),
  };
}

/**
 * Cedar skips a policy that fails while it is evaluated (an overflow, say), a forbid too. We take a failing forbid as
 * one that forbids: a guardrail must not vanish when it meets a request its author did not foresee. A failing permit
 * permits nothing, nor does one whose approvers a tag names that the secret does not have.
 */
function judge(
  guardrails: Guardrails,
  { decision, reason, failed }: { decision: 'allow' | 'deny'; reason: readonly string[]; failed: readonly string[] },
  { action, secret }: Pick<AuthorizationRequest, 'action' | 'secret'>,
): AuthorizationDecision {
  const failedForbids = failed.filter((id) => guardrails.byId.get(id)?.effect === 'forbid');
  if (decision === 'deny') return { allowed: false, policies: [...reason, ...failedForbids].sort() };
  if (failedForbids.length > 0) return { allowed: false, policies: failedForbids.sort() };
  const permits = [...reason].sort().flatMap((id) => {
    const approval = groupOf(guardrails.byId.get(id)?.approval ?? null, secret);
    return approval === undefined ? [] : [{ id, approval }];
  });
  if (permits.length === 0) return { allowed: false, policies: [] };
  const policies = permits.map(({ id }) => id);
  const groups = permits.map(({ approval }) => approval);
  const [first = null] = groups.filter((group) => group !== null);
  // One permit without @approval is enough to go ahead; a request for access never does, whatever permits it. With several
  // groups to choose from, the first policy names it.
  const goesAhead = groups.includes(null) && action !== 'requestAccess';
  return { allowed: true, approval: goesAhead ? null : first, policies };
}

/** Undefined where the secret does not have the tag that names it. */
function groupOf(approval: Guardrail['approval'], secret: AuthorizationRequest['secret']): string | null | undefined {
  if (approval === null || typeof approval === 'string') return approval;
  const tags = secret?.tags ?? {};
  return (Object.hasOwn(tags, approval.tag) && tags[approval.tag]) || undefined;
}

/** The groups of actions that an action may be of; schema.cedarschema says which it is. */
function groupsOf(action: GuardedAction): string[] {
  if (action === 'requestAccess') return [];
  if (action === 'readAudit') return ['audit'];
  if (action === 'readEstate' || action === 'survey') return ['estate'];
  if (action === 'freeze' || action === 'evict' || action === 'lift') return ['incident'];
  return READS.includes(action) ? ['read'] : ['write', 'wholePolicy', 'operate'];
}

const READS: readonly GuardedAction[] = ['listSecrets', 'readTemplates', 'readSecret', 'readPolicy', 'checkAccess'];

function must(answer: ReturnType<typeof preparseSchema>): void {
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}
