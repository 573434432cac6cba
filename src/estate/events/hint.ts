import type { ReportedBy } from '../../audit/event.ts';
import { parseArn, parseSecretArn, partitionOfRegion } from '../../policy/arn.ts';
import { isPolicyDocument, type PolicyDocument } from '../../policy/document.ts';
import type { Place } from '../place.ts';
import { type Detail, readChangeEvent, readJson } from './change-event.ts';
import { type KeyThen, keyAfter } from './key-then.ts';

/**
 * What somebody changed, as an event of CloudTrail says: which secret or key to read again, and nothing of what stands
 * there now. `id`: of a secret its full ARN, or a name of `place`; of a key its ARN, or an alias's.
 */
export type Hint = {
  about: 'secret' | 'key';
  place: Place;
  id: string;
  event: ReportedBy;
  ofPolicy: boolean;
  /** The policy that was put, as the event says; null for none any more. Undefined where it does not say. */
  put?: PolicyDocument | null;
  /** How its key is then, as far as the event says. */
  keyThen?: KeyThen;
};

/** Why a message makes us look at nothing. */
export const uselessReasons = [
  'too-large',
  'malformed',
  'other-event',
  'failed-call',
  'not-of-estate',
  'own-change',
  'no-such-secret',
  'unknown-key',
  'refused',
] as const;
export type UselessReason = (typeof uselessReasons)[number];

/** Bytes: EventBridge takes no larger events. */
export const MAX_BODY = 262_144;

/** @param body of a message of the queue: a CloudTrail management event, as EventBridge delivers it */
export function hintsOf(body: string): Hint[] | UselessReason {
  if (Buffer.byteLength(body) > MAX_BODY) return 'too-large';
  const read = readChangeEvent(body);
  if (read === undefined) return 'malformed';
  const { detail, account, region } = read;
  const service = services[read.source];
  if (detail.eventSource !== service.host || !Object.hasOwn(service.events, detail.eventName)) return 'other-event';
  if (detail.errorCode !== undefined) return 'failed-call';
  const place = { account, region };
  const ids = service.about === 'secret' ? secretsNamed(detail, place) : keysNamed(detail, place);
  if (ids.length === 0) return 'malformed';
  const reported = reportedBy(detail);
  const ofPolicy = POLICY_EVENTS.has(detail.eventName);
  const put = ofPolicy ? policyPut(detail) : undefined;
  const keyThen = service.about === 'key' ? keyAfter(detail) : undefined;
  return ids.map(({ id, ...at }) => ({
    ...{ about: service.about, place: at, id, event: reported, ofPolicy },
    ...(put !== undefined && { put }),
    ...(keyThen !== undefined && { keyThen }),
  }));
}

const events = (...names: string[]) => Object.fromEntries(names.map((name) => [name, true]));
const POLICY_EVENTS = new Set(['PutResourcePolicy', 'DeleteResourcePolicy']);
const ALIAS_EVENTS = new Set(['CreateAlias', 'UpdateAlias', 'DeleteAlias']);
const services = {
  'aws.secretsmanager': {
    about: 'secret',
    host: 'secretsmanager.amazonaws.com',
    events: events(
      ...POLICY_EVENTS,
      ...['CreateSecret', 'UpdateSecret', 'DeleteSecret', 'RestoreSecret', 'TagResource', 'UntagResource'],
      ...['ReplicateSecretToRegions', 'RemoveRegionsFromReplication', 'StopReplicationToReplica'],
      ...['RotateSecret', 'CancelRotateSecret'],
    ),
  },
  'aws.kms': {
    about: 'key',
    host: 'kms.amazonaws.com',
    events: events(
      ...['PutKeyPolicy', 'CreateGrant', 'RevokeGrant', 'RetireGrant'],
      ...['EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
      ...['ImportKeyMaterial', 'DeleteImportedKeyMaterial', 'DeleteExpiredKeyMaterial'],
      ...ALIAS_EVENTS,
    ),
  },
} as const;

/** Which events lead to a look; what else comes is of no use. */
export const changeEventNames: readonly string[] = Object.values(services).flatMap((service) =>
  Object.keys(service.events),
);

const reportedBy = ({ userIdentity, eventName, eventID, eventTime, requestID }: Detail): ReportedBy => ({
  arn: userIdentity.arn ?? null,
  account: userIdentity.accountId ?? null,
  ...{ eventName, eventId: eventID, eventTime, requestId: requestID ?? null },
});

function policyPut({ eventName, requestParameters }: Detail): PolicyDocument | null | undefined {
  if (eventName === 'DeleteResourcePolicy') return null;
  const said = readJson(requestParameters?.resourcePolicy ?? '');
  return isPolicyDocument(said) ? said : undefined;
}

type Named = Place & { id: string };

/** The secret, and its replicas where they come or go. Only of where the event comes from. */
function secretsNamed({ requestParameters, responseElements }: Detail, place: Place): Named[] {
  const answered = responseElements?.aRN ?? responseElements?.arn;
  const asked = requestParameters?.secretId ?? requestParameters?.name;
  const id = [answered, asked].flatMap((one) => (one === undefined ? [] : (idIn(one, place) ?? [])))[0];
  if (id === undefined) return [];
  const { addReplicaRegions, removeReplicaRegions } = requestParameters ?? {};
  const regions = [...(addReplicaRegions ?? []).map(({ region }) => region), ...(removeReplicaRegions ?? [])];
  const replicas = [...new Set(regions)].filter((region) => region !== place.region);
  const inRegion = (region: string): Named => ({
    ...place,
    region,
    id: id.replace(`:${place.region}:`, `:${region}:`),
  });
  return [{ ...place, id }, ...replicas.map(inRegion)];
}

/** A full ARN, or the name in one that is not whole; undefined for what is of another place. */
function idIn(said: string, { account, region }: Place): string | undefined {
  if (!said.startsWith('arn:')) return NAME.test(said) ? said : undefined;
  const arn = parseArn(said);
  if (arn?.service !== 'secretsmanager' || arn.account !== account || arn.region !== region) return undefined;
  if (parseSecretArn(said) !== undefined) return said;
  const name = arn.resource.replace(/^secret:/, '');
  return NAME.test(name) ? name : undefined;
}

const NAME = /^[A-Za-z0-9/_+=.@!-]{1,512}$/;

const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;

/** The alias that was changed; else the key, which what CloudTrail adds names where the caller gave an alias. */
function keysNamed({ eventName, requestParameters, resources }: Detail, place: Place): Named[] {
  const { account, region } = place;
  const { aliasName, keyId: asked } = requestParameters ?? {};
  const ofPlace = `arn:${partitionOfRegion(region)}:kms:${region}:${account}:`;
  if (ALIAS_EVENTS.has(eventName))
    return aliasName !== undefined && ALIAS.test(aliasName) ? [{ ...place, id: ofPlace + aliasName }] : [];
  const own = `${ofPlace}key/`;
  const named = (resources ?? []).flatMap(({ ARN }) => ARN ?? []);
  const whole = [...named, ...(asked === undefined ? [] : [asked.startsWith('arn:') ? asked : `${own}${asked}`])];
  const id = whole.find((arn) => arn.startsWith(own) && !arn.slice(own.length).includes('/'));
  return id === undefined ? [] : [{ ...place, id }];
}
