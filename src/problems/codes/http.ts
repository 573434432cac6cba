import { type Circumstances, type FieldError, problem, usually } from '../row.ts';

/** The first error in words, and how many there are besides. */
function firstOf([first, ...others]: readonly FieldError[]): string {
  if (first === undefined) return 'The request is not valid.';
  const more = others.length === 0 ? '' : ` \`errors\` has ${others.length} more.`;
  const field = first.path.replace(/^\/(?:querystring|params|headers)\//, '').replace(/^\//, '');
  return `${field === '' ? 'The body' : field} ${first.message}${/[?.]$/.test(first.message) ? '' : '.'}${more}`;
}

/** Requests that can't be taken as they came. */
export const httpProblems = {
  'validation-failed': problem({
    status: 400,
    title: 'The request is not valid',
    what: 'A field is missing, misspelt, of the wrong form, or not known. Unknown fields are refused, never dropped.',
    todo: 'Look at `errors`: each names the field and what it takes.',
    detail: ({ why, errors = [] }: { why?: string } & Circumstances) => why ?? firstOf(errors),
    example: { errors: [{ path: '/reasons', message: 'is not known here: did you mean reason?' }] },
  }),
  'malformed-json': problem({
    status: 400,
    title: 'The body is not JSON',
    what: 'The body could not be read as JSON.',
    todo: 'Send one JSON object.',
    detail: usually('The body is not JSON.'),
    example: {},
  }),
  'malformed-request': problem({
    status: 400,
    title: 'Not a request',
    what: 'What was sent is not HTTP as RFC 9112 has it, so that nothing of it was read.',
    todo: 'Look at the client or the proxy: the header Host, the length of the body, characters that do not belong.',
    detail: usually('This is not HTTP.'),
    example: {},
  }),
  'route-not-found': problem({
    status: 404,
    title: 'No such resource',
    what: 'The service has nothing at this address.',
    todo: 'See /docs. A slash in the name of a secret is written %2F.',
    detail: ({ why, meant, slash = false }: { why?: string; meant?: string; slash?: boolean }) => {
      if (why !== undefined) return why;
      if (meant === undefined) return 'The service has nothing at this address. See /docs.';
      const hint = slash ? 'In the name of a secret a slash is written %2F: did' : 'Did';
      return `The service has nothing at this address. ${hint} you mean ${meant}?`;
    },
    example: {},
  }),
  'method-not-allowed': problem({
    status: 405,
    title: 'Not in this way',
    what: 'The resource is there, but does not take this method.',
    todo: 'See /docs for what it takes; the header Allow lists it.',
    detail: (facts: { allowed: string } | { method: 'CONNECT' }) =>
      'allowed' in facts ? `This address takes ${facts.allowed}.` : 'No proxy.',
    example: { allowed: 'GET, HEAD, POST' },
  }),
  'request-timeout': problem({
    status: 408,
    title: 'The request came too slowly',
    what: 'The headers, or the whole request, were not there in time. Nothing was done.',
    todo: 'Send it again, in one go.',
    retry: 'perhaps',
    detail: () => 'The request was not there in time.',
    example: {},
  }),
  'body-too-large': problem({
    status: 413,
    title: 'The body is too large',
    what: 'The body is over the limit.',
    todo: 'Send less.',
    detail: () => 'The body is over the limit of this service.',
    example: {},
  }),
  'uri-too-long': problem({
    status: 414,
    title: 'The address is too long',
    what: 'The address is longer than anything this service has.',
    todo: 'Send reason and ticket that are within their limits.',
    detail: ({ max }: { max: number }) => `The address has more than ${max} characters.`,
    example: { max: 12_288 },
  }),
  'unsupported-media-type': problem({
    status: 415,
    title: 'Not JSON',
    what: 'Bodies are JSON.',
    todo: 'Send Content-Type: application/json.',
    detail: usually('Send JSON, with Content-Type: application/json.'),
    example: {},
  }),
  'headers-too-large': problem({
    status: 431,
    title: 'The headers are too large',
    what: 'Request line and headers are over 32 KiB together.',
    todo: 'Send fewer headers; a token that is this large carries too many groups.',
    detail: () => 'Request line and headers are over 32 KiB together.',
    example: {},
  }),
};
