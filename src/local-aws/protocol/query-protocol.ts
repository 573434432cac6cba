/** The AWS query protocol, which STS and IAM speak: form-encoded requests, XML answers; EC2 answers in its own form. */

export type QueryService = 'sts' | 'iam' | 'ec2';

/** @param scope the service that the credential scope names */
export const queryService = (scope: string): QueryService => (scope === 'iam' || scope === 'ec2' ? scope : 'sts');

const NAMESPACES: Record<QueryService, string> = {
  ec2: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

type Form = { [name: string]: string | Form | Form[] | string[] };

/**
 * The members of a form: `Tags.member.1.Key=team` is `{ Tags: [{ Key: 'team' }] }`. Lists are in the order of their
 * numbers; what has no such form stays a text.
 */
export function readForm(body: string): Form {
  const root = new Map<string, unknown>();
  for (const [path, value] of new URLSearchParams(body)) {
    const names = path.split('.');
    if (value === '' && names.length === 1) continue; // A list without members.
    const last = names.pop() ?? '';
    let at = root;
    for (const name of names) {
      const next = at.get(name);
      const child = next instanceof Map ? next : new Map<string, unknown>();
      at.set(name, child);
      at = child;
    }
    at.set(last, value);
  }
  return plain(root) as Form;
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  const members = value.get('member');
  if (members instanceof Map) {
    return [...members].sort(([a], [b]) => Number(a) - Number(b)).map(([, member]) => plain(member));
  }
  return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
}

export function queryAnswer(service: QueryService, operation: string, answer: object, requestId: string): string {
  const response = (body: string) =>
    `<${operation}Response xmlns="${NAMESPACES[service]}">${body}</${operation}Response>`;
  if (service === 'ec2') return response(`<requestId>${requestId}</requestId>${xml(answer, 'item')}`);
  const result = `<${operation}Result>${xml(answer)}</${operation}Result>`;
  return response(`${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`);
}

/** The JSON protocol's names of the common errors, as the query protocol spells them, and their status there. */
const COMMON_ERRORS: Record<string, [code: string, status: number]> = {
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ExpiredTokenException: ['ExpiredToken', 403],
  AccessDeniedException: ['AccessDenied', 403],
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 400],
  ValidationException: ['ValidationError', 400],
  UnknownOperationException: ['InvalidAction', 400],
  InternalServiceError: ['InternalFailure', 500],
};

/** Those that EC2 has other words for. Source: EC2 API Reference, "Error codes". */
const EC2_ERRORS: typeof COMMON_ERRORS = {
  UnrecognizedClientException: ['AuthFailure', 401],
  ExpiredTokenException: ['RequestExpired', 400],
  AccessDeniedException: ['UnauthorizedOperation', 403],
};

/** Status, content type and body of an error. */
export function queryError(
  service: QueryService,
  code: string,
  message: string,
  status: number,
  requestId: string,
): [number, string, string] {
  const ofEc2 = service === 'ec2' ? EC2_ERRORS[code] : undefined;
  const [shownCode, shownStatus] = ofEc2 ?? COMMON_ERRORS[code] ?? [code, status];
  if (service === 'ec2') {
    const errors = xml({ Errors: [{ Code: shownCode, Message: message }] }, 'Error');
    return [shownStatus, 'text/xml', `<Response>${errors}<RequestID>${requestId}</RequestID></Response>`];
  }
  const error = { Type: shownStatus < 500 ? 'Sender' : 'Receiver', Code: shownCode, Message: message };
  const body = `<ErrorResponse xmlns="${NAMESPACES[service]}"><Error>${xml(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return [shownStatus, 'text/xml', body];
}

/** @param element of each member of a list */
const xml = (value: unknown, element = 'member'): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([key, member]) => {
          const name = Array.isArray(value) ? element : key;
          return `<${name}>${xml(member, element)}</${name}>`;
        })
        .join('')
    : String(value).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
