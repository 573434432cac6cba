import { minuteOf } from '../english.ts';
import { differences, revoked, until, whoOf } from './entries-in-words.ts';
import type { AuditEvent } from './event.ts';
import { evicted, frozen, lifted, orderOf } from './orders-in-words.ts';

/** As much of an event as its words are made of. */
type Told = Pick<AuditEvent, 'action' | 'request' | 'outcome' | 'error' | 'policy' | 'secret'>;

/** Another change, by its id, as a sentence names it. */
export type NamesChange = (changeId: string) => string;

const byItsId: NamesChange = (changeId) => `the change ${changeId}`;

/**
 * What an event says, in one sentence without an end: verb first, names in the place of Sids, dates in that of durations.
 * What failed or was refused never reads as done.
 */
export function eventInWords(event: Told, named: NamesChange = byItsId): string {
  const { outcome, error } = event;
  if (event.action === 'drift' && outcome === 'unknown') return unseen(event);
  const what = deedOf(event, named);
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

/** The change that an event went back to before, or was to, if that is what it is about. */
export function wentBackBefore({ action, request }: Pick<AuditEvent, 'action' | 'request'>): string | undefined {
  const asked: unknown = request['action'] === 'rollback' ? request['request'] : undefined;
  const said = action === 'rollback' ? request : asked;
  if (typeof said !== 'object' || said === null || !('changeId' in said)) return undefined;
  return typeof said.changeId === 'string' ? said.changeId : undefined;
}

/** What it was, by whom, and when: to name it in the words of another. */
export const changeNamed = (event: AuditEvent): string =>
  `“${eventInWords(event, () => 'another change')}” (${event.actor.subject}, ${minuteOf(new Date(event.time))})`;

function deedOf(event: Told, named: NamesChange): string {
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
      return `Went back to before ${named(String(request['changeId']))}${differences(event)}`;
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
      return `Asked ${String(request['group'])} to approve: ${lower(asked(event, named))}`;
    case 'approve':
      return `Approved: ${lower(asked(event, named))}`;
    case 'reject':
      return `Rejected: ${lower(asked(event, named))}`;
    case 'expireApproval':
      return `Nobody approved in time: ${lower(asked(event, named))}`;
    case 'startOperation':
      return `Began ${orderOf(request)}`;
    case 'cancelOperation':
      return `Cancelled ${orderOf(request)}`;
    case 'survey':
      return 'Began a survey';
    case 'refuseStored':
      return 'Refused what somebody else wrote into the database';
    case 'freeze':
      return frozen(request);
    case 'evict':
      return evicted(request);
    case 'lift':
      return `${lifted(request)}${differences(event)}`;
    case 'openFinding':
      return `Found: ${findingIn(request)}${request['detail'] === undefined ? '' : ` (${cut(clause(String(request['detail'])))})`}`;
    case 'closeFinding':
      return `No longer found: ${findingIn(request)}`;
    case 'acknowledgeFinding':
      return `Acknowledged${until(request['until'])}: ${findingIn(request)}`;
    default:
      return spaced(action);
  }
}

/** What a second person decides on: the event of it has the request within. */
function asked(event: Told, named: NamesChange): string {
  const { action, request } = event.request;
  if (typeof request !== 'object' || request === null) return spaced(String(action));
  return deedOf({ ...event, action: action as Told['action'], request: { ...request }, policy: null }, named);
}

/** `createGrant` as `Create grant`. */
const spaced = (action: string): string => {
  const words = action.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};
/** A sentence may name everybody whom it is about. */
const cut = (text: string): string => (text.length > LONG ? `${text.slice(0, LONG)}…` : text);
const LONG = 120;
const clause = (sentence: string): string => sentence.replace(/\.$/, '');

/** By kind; one of a newer version by its name. */
const FINDINGS: Readonly<Record<string, string>> = {
  public: 'open to everybody',
  'outside-reader': 'somebody outside reads',
  'unusable-share': 'a share that does not work',
  'lapsed-denial': 'a denial of a deleted principal',
  orphan: 'a share of a deleted principal',
  'expired-entry': 'ended, and still there',
  'near-size-limit': 'the policy is nearly full',
  'outside-writer': 'somebody outside may change the policy',
  drift: 'changed by others',
  'locked-out': 'this service is locked out',
  'rotation-shut-out': 'rotation is kept out',
};
const findingIn = ({ kind }: Told['request']): string => FINDINGS[String(kind)] ?? String(kind).replaceAll('-', ' ');
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
