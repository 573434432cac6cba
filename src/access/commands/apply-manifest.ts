import { escalatingActions } from '../../policy/actions.ts';
import { MAX_POLICY_CHARACTERS } from '../../policy/document.ts';
import { EMPTY_POLICY, type PolicyView } from '../../policy/entries/compile.ts';
import { addEntry, entriesOf, removeEntry } from '../../policy/entries/edit.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { accept } from '../../policy/entries/request.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { EntryKind, Group } from '../../policy/entries/templates/kinds/template.ts';
import { DomainError } from '../../problems/problem.ts';
import type { KeyGranter } from '../grants/key-granter.ts';
import { withoutHeirs } from '../grants/lacking-grants.ts';
import type { LegExaminer } from '../judge/legs/legs.ts';
import type { Secret } from '../secret.ts';
import type { Change, ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';
import { denyPrincipal } from './deny-principal.ts';
import { restrictAccess } from './restrict-access.ts';
import { shareSecret } from './share-secret.ts';

/** All entries of ours that a secret is to have: what is not listed goes. Statements of others are not spoken of. */
export type SecretManifest = {
  shares?: readonly Group[];
  denials?: readonly Group[];
  restrictions?: readonly Group[];
};

type Deps = { now: Date; legs: LegExaminer; granter: KeyGranter };
type Wanted = { kind: EntryKind; body: Group };

/**
 * Makes the entries of ours those of a manifest, by one change: what is there already stays as it is, to the letter. A share
 * that has expired by now is not wanted any more.
 * @param etag the policy's when the plan was made; null where any will do
 * @throws DomainError validation-failed, escalation-not-acknowledged; the command itself kms-key-not-shareable, policy-changed
 */
export function applyManifest(
  base: CommandBase,
  manifest: SecretManifest,
  etag: string | null,
  deps: Deps,
): ChangeCommand {
  const wanted = wantedOf(manifest, deps.now).map((one) => ({ ...one, command: commandOf(base, one, deps) }));
  let gone: Entry[] = [];
  let standing: Entry[] = [];
  const command: ChangeCommand = {
    ...base,
    ifMatch: base.ifMatch ?? etag,
    action: 'applyManifest',
    request: { ...manifest, ...(etag !== null && { etag }) },
    guard: { action: 'applyManifest', context: { escalates: wanted.some(({ body }) => escalates(body)) } },
    validate: wanted.some(({ command: { validate } }) => validate),
    edit(view, secret) {
      const { view: added, kept, warnings } = withAll(view, wanted, secret);
      gone = entriesOf(view).filter(({ id }) => !kept.has(id));
      const left = gone.reduce<PolicyView>((policy, { id }) => removeEntry(policy, id).view, added);
      standing = entriesOf(left, 'share');
      return { view: left, warnings, missing: [] };
    },
    owesGrants: true,
    /** Keys that were granted with a share go with it. */
    async afterwards(change) {
      let answer: Change = change;
      for (const entry of withoutHeirs(gone, standing)) answer = await deps.granter.revoke(command, answer, entry);
      return answer;
    },
  };
  return command;
}

const wantedOf = ({ shares = [], denials = [], restrictions = [] }: SecretManifest, now: Date): Wanted[] => [
  ...shares
    .filter(({ expiresAt }) => expiresAt === undefined || Date.parse(String(expiresAt)) > now.getTime())
    .map((body): Wanted => ({ kind: 'share', body })),
  ...denials.map((body): Wanted => ({ kind: 'denial', body })),
  ...restrictions.map((body): Wanted => ({ kind: 'restriction', body })),
];

function commandOf(base: CommandBase, { kind, body }: Wanted, deps: Deps): ChangeCommand {
  if (kind === 'share') return shareSecret(base, body, deps);
  return kind === 'denial' ? denyPrincipal(base, body) : restrictAccess(base, body);
}

const escalates = ({ actions }: Group): boolean => escalatingActions(texts(actions)).length > 0;

/** No statement of ours is shorter than a hundred characters. */
const MOST_STATEMENTS = MAX_POLICY_CHARACTERS / 100;

/** `kept`: the ids of what is wanted. What is there already is not asked about anew. */
function withAll(view: PolicyView, wanted: readonly (Wanted & { command: ChangeCommand })[], secret: Secret) {
  const kept = new Set<string>();
  const warnings: Warning[] = [];
  let all = view;
  for (const { kind, body, command } of wanted) {
    const { acknowledgeEscalation: _, acknowledgeUnreadable: __, ...said } = body;
    const { template, parameters } = accept(kind, said);
    const there = addEntry(all, template, parameters, secret.partition);
    kept.add(there.entry.id);
    if (there.view === all) continue;
    if (there.view.items.length > MOST_STATEMENTS)
      throw new DomainError('policy-too-large', { limit: MAX_POLICY_CHARACTERS });
    all = there.view;
    // By itself: what it refuses, and warns of.
    warnings.push(...(command.edit(EMPTY_POLICY, secret, [], []).warnings ?? []));
  }
  return { view: all, kept, warnings };
}
