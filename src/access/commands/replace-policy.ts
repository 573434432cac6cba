import {
  asArray,
  MAX_POLICY_CHARACTERS,
  type PolicyDocument,
  type Statement,
  statementsOf,
} from '../../policy/document.ts';
import { assertPolicyDocument, EMPTY_POLICY } from '../../policy/entries/compile.ts';
import { foreignOf } from '../../policy/entries/edit.ts';
import { parse } from '../../policy/entries/parse.ts';
import type { Budget, InTurns } from '../../policy/evaluate/budget.ts';
import { neverMatching } from '../../policy/faults/never-matches.ts';
import { parsePrincipal } from '../../policy/principals/principal.ts';
import { unnameableIn } from '../../policy/principals/unnameable.ts';
import { DomainError } from '../../problems/problem.ts';
import { letsEscalate } from '../judge/effect/escalation.ts';
import { judgeInTurns } from '../judge/turns.ts';
import { arnsOf, type Secret } from '../secret.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import type { PolicyBefore } from './history.ts';

/**
 * Attaches a whole document: what is pasted from the AWS guide.
 * @throws DomainError policy-malformed; policy-too-large at once where it is far larger than AWS takes
 */
export async function replacePolicy(
  base: CommandBase & { ifNoneMatch: boolean },
  document: unknown,
): Promise<ChangeCommand> {
  const size = JSON.stringify(document).length;
  if (size > FAR_TOO_LARGE) throw new DomainError('policy-too-large', { limit: MAX_POLICY_CHARACTERS, size });
  assertPolicyDocument(document);
  assertStatements(document);
  return {
    ...base,
    action: 'replacePolicy',
    request: { policy: document },
    guard: { action: 'replacePolicy', context: { escalates: await escalates(base, document) } },
    validate: true,
    edit(view, secret) {
      assertPartition(document, secret.partition);
      assertNameable(document, foreignOf(view));
      return { view: parse(document, secret.partition), missing: [] };
    },
    warn: (secret) => (budget) => warningsOf(document, secret, budget),
  };
}

/** What a document may lose by being packed anew is less: it need not be judged. */
const FAR_TOO_LARGE = 2 * MAX_POLICY_CHARACTERS;

function assertStatements(document: PolicyDocument): void {
  if (statementsOf(document).length > 0) return;
  throw new DomainError('policy-malformed', { by: 'emptiness' });
}

/** AWS would say that it does not know the principal. */
function assertPartition(document: PolicyDocument, partition: string): void {
  const named = statementsOf(document).flatMap(({ Principal }) =>
    Principal === undefined || Principal === '*' ? [] : asArray(Principal.AWS),
  );
  const foreign = named.find((name) => (parsePrincipal(name, partition)?.partition ?? partition) !== partition);
  if (foreign === undefined) return;
  throw new DomainError('partition-mismatch', { principal: foreign, partition });
}

/** AWS would give the same answer as to a principal made a moment ago. */
function assertNameable(document: PolicyDocument, attached: readonly Statement[]): void {
  const found = unnameableIn(statementsOf(document), attached);
  if (found !== undefined) throw new DomainError('principal-not-nameable', found);
}

export function deletePolicy(base: CommandBase): ChangeCommand {
  return {
    ...base,
    action: 'deletePolicy',
    request: {},
    guard: { action: 'deletePolicy', context: { escalates: false } },
    validate: false,
    edit: () => ({ view: EMPTY_POLICY, missing: [] }),
  };
}

/** Brings back the document from before a change. `document` is what the audit log has for it. */
export async function rollBack(base: CommandBase, changeId: string, before: PolicyBefore): Promise<ChangeCommand> {
  const document = before instanceof DomainError ? null : before;
  return {
    ...base,
    action: 'rollback',
    request: { changeId },
    guard: { action: 'rollback', context: { escalates: await escalates(base, document) } },
    validate: true,
    edit(_, secret) {
      if (before instanceof DomainError) throw before;
      return { view: parse(document, secret.partition), missing: [] };
    },
    warn: (secret) => (budget) => warningsOf(document, secret, budget),
  };
}

const escalates = ({ requester }: CommandBase, document: PolicyDocument | null): Promise<boolean> =>
  judgeInTurns(requester.identity, (budget) => letsEscalate(document, budget));

function* warningsOf(document: PolicyDocument | null, secret: Secret, budget: Budget): InTurns<Warning[]> {
  const faults = yield* neverMatching(document, arnsOf(secret), budget);
  return (yield* letsEscalate(document, budget, secret))
    ? [...faults, { code: 'escalation', message: 'The document may let a grantee change this policy itself.' }]
    : faults;
}
