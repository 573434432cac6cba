import { dayOf } from '../english.ts';
import { parseArn } from '../policy/arn.ts';
import { samePolicy } from '../policy/canonical.ts';
import { entriesOf, foreignOf, without } from '../policy/entries/edit.ts';
import type { Entry } from '../policy/entries/entry.ts';
import { parse } from '../policy/entries/parse.ts';
import { choosingMembers } from '../policy/entries/request.ts';
import { valueInWords } from '../policy/entries/templates/share-conditions.ts';
import type { EntryKind } from '../policy/entries/templates/template.ts';
import { entryInWords } from '../policy/entries/words.ts';
import { personNamed } from '../policy/principal.ts';
import type { AuditEvent } from './event.ts';

/** As much of an event as its words are made of. */
type Told = Pick<AuditEvent, 'action' | 'request' | 'outcome' | 'error' | 'policy' | 'secret'>;

/**
 * What an event says, in one sentence without an end: verb first, names in the place of Sids, dates in that of durations.
 * What failed or was refused never reads as done.
 */
export function eventInWords(event: Told): string {
  const { outcome, error } = event;
  if (event.action === 'drift' && outcome === 'unknown') return unseen(event);
  const what = deedOf(event);
  switch (outcome) {
    case 'applied':
      return what;
    case 'unchanged':
      return `Already so: ${lower(what)}`;
    case 'refused':
      return `Refused (${error?.code ?? 'forbidden'}): ${lower(what)}`;
    case 'failed':
      return `Failed (${error?.code ?? 'unknown'}): ${lower(what)}`;
    case 'unknown':
      return `Not known whether done: ${lower(what)}`;
    case null:
      return `Begun: ${lower(what)}`;
  }
}

/** Nobody but the event that reports it has seen it. */
function unseen({ request }: Told): string {
  const { gone = [], back = [] } = (request['unseen'] ?? {}) as Partial<Record<'gone' | 'back', unknown[]>>;
  const parts = [`${gone.length} that they wrote gone`, `${back.length} that they took out back`];
  return `Said to be changed outside of this service, and replaced before anybody saw it: ${parts.join(', ')}`;
}

function deedOf(event: Told): string {
  const { action, request } = event;
  switch (action) {
    case 'share':
      return `Shared with ${whoOf('share', request)}${until(request['expiresAt'])}`;
    case 'deny':
      return `Denied ${whoOf('denial', request)}`;
    case 'restrict':
      return `Restricted to ${whoOf('restriction', request)}`;
    case 'revoke':
      return `Took back ${revoked(event)}`;
    case 'replacePolicy':
      return `Replaced the policy${differences(event)}`;
    case 'deletePolicy':
      return `Detached the policy${differences(event)}`;
    case 'rollback':
      return `Went back to before the change ${String(request['changeId'])}${differences(event)}`;
    case 'expire':
      return `Removed what had ended${differences(event)}`;
    case 'prune':
      return `Removed deleted principals${differences(event)}`;
    case 'removeStatement':
      return `Removed a statement that is not of this service${differences(event)}`;
    case 'adopt':
      return `Made a statement of others one of this service${differences(event)}`;
    case 'applyManifest':
      return `Made the policy say what a manifest lists${differences(event)}`;
    case 'drift':
      return `Changed outside of this service${differences(event)}`;
    case 'restoreDrift':
      return `Put back what was dropped outside${differences(event)}`;
    case 'requestApproval':
      return `Asked ${String(request['group'])} to approve: ${lower(asked(event))}`;
    case 'approve':
      return `Approved: ${lower(asked(event))}`;
    case 'reject':
      return `Rejected: ${lower(asked(event))}`;
    case 'expireApproval':
      return `Nobody approved in time: ${lower(asked(event))}`;
    case 'startOperation':
      return `Began a bulk operation: ${String(request['action'])}, ${String(request['items'])} items`;
    case 'cancelOperation':
      return `Cancelled a bulk operation: ${String(request['action'])}, ${String(request['items'])} items`;
    case 'freeze':
      return `Froze, in the incident ${String(request['incident'])}`;
    case 'evict':
      return `Evicted ${personNamed(String(request['account'] ?? request['principal']))}, in the incident ${String(request['incident'])}`;
    case 'lift':
      return `Lifted the incident ${String(request['incident'])}${differences(event)}`;
    case 'openFinding':
      return `Found: ${spoken(request['kind'])}${request['detail'] === undefined ? '' : `: ${String(request['detail'])}`}`;
    case 'closeFinding':
      return `No longer found: ${spoken(request['kind'])}`;
    case 'acknowledgeFinding':
      return `Acknowledged ${spoken(request['kind'])}${until(request['until'])}`;
    default:
      return spaced(action);
  }
}

/** What a second person decides on: the event of it has the request within. */
function asked(event: Told): string {
  const { action, request } = event.request;
  if (typeof request !== 'object' || request === null) return spaced(String(action));
  return deedOf({ ...event, action: action as Told['action'], request: { ...request }, policy: null });
}

function whoOf(kind: EntryKind, request: Record<string, unknown>): string {
  const said = choosingMembers(kind).map((name) => request[name]);
  const who = said.find((value) => value !== undefined);
  if (typeof who === 'object' && who !== null) return Object.values(who).map(valueInWords).join(', ');
  return personNamed(String(who));
}

function revoked({ request, policy, secret }: Told): string {
  const { kind, id } = request;
  const found = entriesIn(policy?.before ?? null, secret).find((entry) => entry.id === id);
  return found === undefined ? `the ${String(kind)} ${String(id)}` : entryNamed(found);
}

const OF: Readonly<Record<EntryKind, string>> = {
  share: 'the share with',
  denial: 'the denial of',
  restriction: 'the restriction of',
};
const entryNamed = (entry: Entry): string =>
  `${OF[entry.kind]} ${entry.kind === 'restriction' ? entryInWords(entry).words.who : personNamed(entry.principal ?? entryInWords(entry).words.who)}`;

const MOST_NAMED = 2;

/** What came and went, the first by name. */
function differences({ policy, secret, outcome }: Told): string {
  if (policy === null || (outcome !== 'applied' && outcome !== 'unchanged') || samePolicy(policy.before, policy.after))
    return '';
  const [before, after] = [entriesIn(policy.before, secret), entriesIn(policy.after, secret)];
  const foreign = foreignIn(policy.after, secret) - foreignIn(policy.before, secret);
  const parts = [
    ...named(without(before, after), 'gone'),
    ...named(without(after, before), 'new'),
    ...(foreign === 0 ? [] : [`${Math.abs(foreign)} of others ${foreign < 0 ? 'gone' : 'new'}`]),
  ];
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`;
}

function named(entries: readonly Entry[], what: string): string[] {
  if (entries.length === 0) return [];
  const first = entries.slice(0, MOST_NAMED).map(entryNamed);
  const more = entries.length - first.length;
  return [`${first.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${what}`];
}

type Document = NonNullable<Told['policy']>['before'];
const partitionOf = ({ arn }: Told['secret']): string => (arn === null ? undefined : parseArn(arn)?.partition) ?? 'aws';
const entriesIn = (document: Document, secret: Told['secret']) => entriesOf(parse(document, partitionOf(secret)));
const foreignIn = (document: Document, secret: Told['secret']) =>
  foreignOf(parse(document, partitionOf(secret))).length;

const until = (expiresAt: unknown): string =>
  expiresAt === undefined ? '' : ` until ${dayOf(new Date(String(expiresAt)))}`;

/** `createGrant` as `Create grant`. */
const spaced = (action: string): string => {
  const words = action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};
/** `outside-reader` as `outside reader`. */
const spoken = (kind: unknown): string => String(kind).replaceAll('-', ' ');
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
