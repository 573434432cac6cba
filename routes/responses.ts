import type { TSchema } from 'typebox';
import { Problem } from '../plugins/problems/schema.ts';
import { PendingChange } from './approvals/schemas.ts';
import { Change, ref } from './schemas.ts';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref(Problem) } },
});

/** What any call may answer, also one that needs no identity. */
export const refusals = {
  400: problem('The request is not valid'),
};

/** What any call that needs an identity may answer. */
const always = {
  ...refusals,
  401: problem('No valid credentials'),
  403: problem('A guardrail forbids it'),
  404: problem('No such thing'),
  429: problem('Too many requests'),
  500: problem('Something broke in this service'),
  502: problem('AWS refuses this service, or failed'),
  503: problem('Try again later: Retry-After says when'),
};

const change = (description: string) => ({
  description,
  content: { 'application/json': { schema: ref(Change) } },
});

export const answers = (schema: TSchema, description = 'OK') => ({
  200: { description, content: { 'application/json': { schema } } },
  ...always,
});

/** The answers of a call that takes a body and changes nothing. */
export const answersToBody = (schema: TSchema) => ({
  ...answers(schema),
  413: problem('The body is too large'),
  415: problem('Not JSON'),
  422: problem('AWS would never take it'),
});

/** The answers of a mutation; `created` where it makes a share, denial or restriction. */
export const changes = ({ created = false } = {}) => ({
  200: change(created ? 'It was so already, or a dry run' : 'Done'),
  ...(created && {
    201: {
      ...change('Made'),
      headers: { Location: { type: 'string', description: 'The new resource' } },
    },
  }),
  202: {
    description: 'A guardrail wants a second person: it waits in /v1/approvals',
    content: { 'application/json': { schema: ref(PendingChange) } },
    headers: { Location: { type: 'string', description: 'The approval' } },
  },
  ...always,
  409: problem('The secret can’t be changed as it is, or the first request with this key still runs'),
  412: problem('The policy is another by now'),
  413: problem('The body is too large'),
  415: problem('Not JSON'),
  422: problem('AWS would not take it, or it would not do what you want'),
  428: problem('Say which policy you saw'),
});

/** The answers to a decision on a change that waits. */
export const decisions = (schema: TSchema) => ({
  ...answersToBody(schema),
  409: problem('It was decided already, or the secret can’t be changed as it is'),
  412: problem('The policy is another than the one that the change was asked for'),
});
