import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { type Call, seconds } from '../call.ts';
import { authorize } from '../enforcement/authorize.ts';
import { AwsError } from '../protocol/errors.ts';
import { type AwsOperation, operation, optional, text } from '../protocol/input.ts';
import { ATTRIBUTES, type Position, type TrailEntry } from './trail.ts';

const DAY = 86_400;
/** How far event history goes back. */
const HISTORY = 90 * DAY;

const Lookup = Type.Object({
  LookupAttributes: optional(
    Type.Array(Type.Object({ AttributeKey: Type.Enum(ATTRIBUTES), AttributeValue: text(1, 2000) })),
  ),
  StartTime: optional(Type.Number()),
  EndTime: optional(Type.Number()),
  EventCategory: optional(Type.Enum(['insight'])),
  MaxResults: optional(Type.Integer()),
  NextToken: optional(Type.String()),
});

/** CloudTrail, as far as it tells the event history. Source: CloudTrail API Reference, LookupEvents. */
export const cloudTrailOperations: Record<string, AwsOperation<Call>> = {
  LookupEvents: operation(Lookup, (call: Call, input) => {
    authorize(call, call.action, { arn: '*', account: call.caller.account, policy: null });
    const { LookupAttributes: [attribute, ...others] = [], MaxResults: limit = 50 } = input;
    if (others.length > 0) throw invalid('LookupAttributes', 'Only one lookup attribute can be given.');
    if (limit < 1 || limit > 50) throw invalid('MaxResults', 'MaxResults must be from 1 to 50.');
    const oldest = seconds(call.now.getTime()) - HISTORY;
    const { StartTime: start = oldest, EndTime: end = Number.MAX_SAFE_INTEGER } = input;
    if (start > end) throw invalid('TimeRange', 'The start time is after the end time.');
    const after = positionOf(input);
    if (input.EventCategory === 'insight') return { Events: [] };
    const found = call.store.trail.lookUp({
      account: call.caller.account,
      region: call.region,
      from: Math.ceil(Math.max(start, oldest)),
      to: Math.floor(end),
      by: attribute && { attribute: attribute.AttributeKey, value: attribute.AttributeValue },
      after,
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const isMore = found.length > limit && last !== undefined;
    return { Events: page.map(shown), ...(isMore && { NextToken: tokenAfter(last, input) }) };
  }),
};

const invalid = (what: string, message: string) => new AwsError(`Invalid${what}Exception`, message);

/** What has no value is left out. */
function shown({ AccessKeyId, Username, ResourceType, ResourceName, ...entry }: TrailEntry) {
  return {
    EventId: entry.EventId,
    EventName: entry.EventName,
    ReadOnly: entry.ReadOnly,
    ...(AccessKeyId !== null && { AccessKeyId }),
    EventTime: entry.time,
    EventSource: entry.EventSource,
    ...(Username !== null && { Username }),
    Resources: ResourceName === null ? [] : [{ ResourceType, ResourceName }],
    CloudTrailEvent: entry.record,
  };
}

/** A token is of one position in the answer to one request. */
const tokenAfter = ({ time, sequence }: Position, input: Static<typeof Lookup>): string =>
  Buffer.from(JSON.stringify([time, sequence, requestOf(input)])).toString('base64url');

const requestOf = ({ LookupAttributes, StartTime, EndTime, EventCategory }: Static<typeof Lookup>): string =>
  JSON.stringify([LookupAttributes, StartTime, EndTime, EventCategory]);

const Token = Compile(Type.Tuple([Type.Integer(), Type.Integer(), Type.String()]));

function positionOf(input: Static<typeof Lookup>): Position | undefined {
  if (input.NextToken === undefined) return undefined;
  const token = parsed(Buffer.from(input.NextToken, 'base64url').toString());
  if (!Token.Check(token) || token[2] !== requestOf(input)) {
    throw invalid('NextToken', 'The token is not valid, or was given with other parameters.');
  }
  return { time: token[0], sequence: token[1] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
