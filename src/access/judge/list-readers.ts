import type { Clock } from '../../clock.ts';
import { type Page, pageOf } from '../../page.ts';
import { GET_SECRET_VALUE } from '../../policy/actions.ts';
import { type PolicyDocument, type Statement, statementsOf } from '../../policy/document.ts';
import { entriesOf } from '../../policy/entries/edit.ts';
import { entryId, OUR_SID } from '../../policy/entries/entry.ts';
import { parse } from '../../policy/entries/parse.ts';
import { type Budget, newBudget } from '../../policy/evaluate/budget.ts';
import { evaluateStatements } from '../../policy/evaluate/evaluate.ts';
import type { Decision } from '../../policy/evaluate/evaluation.ts';
import { appliesToAction } from '../../policy/evaluate/statement.ts';
import type { Authorizer } from '../guard/authorizer.ts';
import { guardLook } from '../guard/guard-change.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import type { SecretPolicies } from '../write/secret-policies.ts';
import { accessRequest } from './access-request.ts';
import { deletionNotes } from './check-access.ts';
import { type Dependency, dependenciesOf, openQuestions } from './dependency.ts';
import { lastExpiry } from './expiry.ts';
import { judgeCallers } from './judge-callers.ts';
import { judgePolicy } from './judge-policy.ts';
import { partsOf } from './judge-secret.ts';
import type { Leg } from './leg.ts';
import type { LegExaminer } from './legs.ts';
import { namesIn, type Reader, type ReaderKind, readerOf, withPath } from './reader.ts';
import { type Apart, toldApart } from './told-apart.ts';

/** Where a statement stands in the attached policy; whole statements would repeat every principal for each of them. */
export type StatementPlace = { index: number; sid: string | null };

type Named = {
  principal: string;
  kind: ReaderKind;
  /** Ours that name it: shares, denials and restrictions. */
  entryIds: string[];
  deniedBy: StatementPlace[];
  dependsOn: Dependency[];
};

export type ReaderAccess = Named & {
  decision: Decision;
  /** The Allow statements that name it or let it in. */
  because: StatementPlace[];
  /** The last of them to expire; null when one does not. RFC 3339. */
  expiresAt: string | null;
  expired: boolean;
  orphaned: boolean;
  legs: Leg[];
  /** Those of a set for whom it is not so. */
  exceptions: { principal: string; decision: Decision; because: StatementPlace[] }[];
};

export type ReaderPage = Page<ReaderAccess> & {
  /** Those whom a Deny names and no Allow does. `*` is everyone outside a boundary. */
  denied: Named[];
  notes: string[];
};

export type ReaderLister = {
  /** @throws DomainError secret-not-found, forbidden, validation-failed, aws-… */
  list(identity: Identity, secretId: string, page: { limit?: number; cursor?: string }): Promise<ReaderPage>;
};

/** Everyone whom the attached policy lets read a secret's value, or names in vain: by name, each name once. */
export function createReaderLister(deps: {
  policies: Pick<SecretPolicies, 'describe' | 'get'>;
  authorizer: Authorizer;
  legs: LegExaminer;
  clock: Clock;
}): ReaderLister {
  return {
    async list(identity, secretId, query) {
      const [secret, policy] = await Promise.all([deps.policies.describe(secretId), deps.policies.get(secretId)]);
      guardLook(deps.authorizer, identity, 'checkAccess', secret);
      const survey = surveyOf(secret, policy, deps.clock());
      const { items, nextCursor } = pageOf([...survey.allowed.keys()], (name) => name, query);
      const legsOf = await deps.legs.lookAt(secret, items.length === 0 ? [] : [GET_SECRET_VALUE]);
      return {
        items: items.map((name) => readerAccess(survey, name, legsOf)),
        nextCursor,
        denied: [...survey.denied.keys()]
          .filter((name) => !survey.allowed.has(name))
          .flatMap((name) => denial(survey, name)),
        notes: [ownAccountNote(secret), ...deletionNotes(secret)],
      };
    },
  };
}

const ownAccountNote = ({ account }: Secret): string =>
  `Principals of the secret’s own account ${account} may also read by an identity policy alone, unless a statement ` +
  'denies it. Those policies can’t be seen from here.';

/** A policy, read for who may read the value. */
type Survey = {
  secret: Secret;
  policy: PolicyDocument | null;
  now: Date;
  apart: Apart;
  budget: Budget;
  /** Names, and the statements that speak of them. */
  allowed: Map<string, Statement[]>;
  denied: Map<string, Statement[]>;
  place(statement: Statement): StatementPlace;
  entryIds(reader: Reader, statements: readonly Statement[]): string[];
};

function surveyOf(secret: Secret, policy: PolicyDocument | null, now: Date): Survey {
  const statements = statementsOf(policy);
  const places = new Map(statements.map((statement, index) => [statement, { index, sid: statement.Sid ?? null }]));
  const ours = new Set(entriesOf(parse(policy, secret.partition)).map(({ id }) => id));
  const budget = newBudget();
  const byName = (effect: Statement['Effect']) => {
    const found = new Map<string, Statement[]>();
    for (const statement of statements) {
      if (statement.Effect !== effect || appliesToAction(statement, GET_SECRET_VALUE, budget) === 'no') continue;
      for (const raw of namesIn(statement)) {
        const { name } = readerOf(raw, secret.partition);
        const known = found.get(name);
        if (known === undefined) found.set(name, [statement]);
        else if (!known.includes(statement)) known.push(statement);
      }
    }
    return found;
  };
  return {
    secret,
    policy,
    now,
    apart: toldApart([policy], secret.partition),
    budget,
    allowed: byName('Allow'),
    denied: byName('Deny'),
    place: (statement) => places.get(statement) ?? { index: -1, sid: statement.Sid ?? null },
    entryIds: ({ name, kind, caller }, some) => {
      const members = [kind === 'everyone' ? null : name, ...(kind === 'account' ? [caller.account] : [])];
      const ids = some.flatMap(({ Sid = '' }) => {
        const sid = OUR_SID.exec(Sid)?.[1];
        return sid === undefined ? [] : members.map((member) => entryId(sid, member));
      });
      return [...new Set(ids)].filter((id) => ours.has(id));
    },
  };
}

type LegsOf = Awaited<ReturnType<LegExaminer['lookAt']>>;

function readerAccess(survey: Survey, name: string, legsOf: LegsOf): ReaderAccess {
  const { secret, policy, now, allowed, denied, place, entryIds, apart, budget } = survey;
  const { partition } = secret;
  const reader = withPath(readerOf(name, partition), [policy]);
  const situation = { secret, policy, apart, now, given: {}, budget };
  const judged = judgeCallers(reader, { apart, partition }, (of) => {
    const request = accessRequest({ ...situation, action: GET_SECRET_VALUE, policies: [policy], reader: of });
    return judgePolicy(request, policy);
  });
  const isGone = reader.kind === 'deleted' && (judged.decision === 'allowed' || judged.decision === 'unknown');
  const naming = allowed.get(name) ?? [];
  const letting = judged.because.filter(({ effect }) => effect === 'Allow').map(({ statement }) => statement);
  const because = [...new Set([...naming, ...letting])];
  const expiry = lastExpiry(because);
  return {
    principal: name,
    kind: reader.kind,
    decision: isGone ? 'unknown' : judged.decision,
    because: because.map(place),
    deniedBy: judged.because
      .filter(({ effect, applies }) => effect === 'Deny' && applies === 'yes')
      .map(({ statement }) => place(statement)),
    dependsOn: [...(isGone ? [GONE] : []), ...openQuestions(judged, reader.caller.account === secret.account)],
    entryIds: entryIds(reader, [...because, ...(denied.get(name) ?? [])]),
    expiresAt: expiry === null ? null : expiry.toISOString().replace('.000Z', 'Z'),
    expired: expiry !== null && expiry <= now,
    orphaned: reader.kind === 'deleted',
    legs: legsOf({ ...judged, parts: partsOf(situation, judged.of, [GET_SECRET_VALUE]) }, 'unknown'),
    exceptions: judged.exceptions.map(({ because: statements, ...exception }) => ({
      ...exception,
      because: statements.map(({ statement }) => place(statement)),
    })),
  };
}

const GONE: Dependency = {
  key: 'Principal',
  description:
    'AWS shows this unique id in the place of a principal that was deleted. Nobody reads by it any more, and a new principal of the same name is another one.',
};

function denial(survey: Survey, name: string): Named[] {
  const { secret, policy, now, denied, place, entryIds, budget } = survey;
  const reader = withPath(readerOf(name, secret.partition), [policy]);
  const naming = denied.get(name) ?? [];
  const request = accessRequest({ secret, reader, action: GET_SECRET_VALUE, now, policies: [policy], budget });
  const verdicts = evaluateStatements(policy, request, 'resourcePolicy').filter(
    ({ effect, applies, statement }) => effect === 'Deny' && (applies === 'yes' || naming.includes(statement)),
  );
  if (verdicts.length === 0) return [];
  return [
    {
      principal: name,
      kind: reader.kind,
      deniedBy: verdicts.map(({ statement }) => place(statement)),
      dependsOn: verdicts.some(({ applies }) => applies === 'yes') ? [] : dependenciesOf(verdicts),
      entryIds: entryIds(reader, naming),
    },
  ];
}
