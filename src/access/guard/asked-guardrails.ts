import type { Requester } from '../identity.ts';
import type { AuthorizationRequest } from './authorizer.ts';

/** What the guardrails were asked for a request, and let it do: they are asked again before its answer is repeated. */
export type AskedGuardrails = Omit<AuthorizationRequest, 'identity'>[];

const asked = new WeakMap<Requester, Map<string, AskedGuardrails[number]>>();

/** As long as the request lives. */
export function noteAsked(by: Requester, { identity: _, secret, ...rest }: AuthorizationRequest): void {
  const question = { ...rest, secret: secret && namedAndTagged(secret) };
  const known = asked.get(by) ?? new Map();
  asked.set(by, known.set(JSON.stringify(question), question));
}

export const askedFor = (by: Requester): AskedGuardrails => [...(asked.get(by)?.values() ?? [])];

const namedAndTagged = ({ arn, name, account, region, tags }: NonNullable<AuthorizationRequest['secret']>) => ({
  ...{ arn, name, account, region, tags },
});
