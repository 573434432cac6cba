/** The AWS query protocol, which STS and IAM speak: form-encoded requests, XML answers. */

const NAMESPACES: Record<string, string> = {
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

export const queryAnswer = (service: string, operation: string, answer: object, requestId: string): string =>
  `<${operation}Response xmlns="${NAMESPACES[service]}"><${operation}Result>${xml(answer)}</${operation}Result>` +
  `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;

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

/** Status, content type and body of an error. */
export function queryError(
  service: string,
  code: string,
  message: string,
  status: number,
  requestId: string,
): [number, string, string] {
  const [shownCode, shownStatus] = COMMON_ERRORS[code] ?? [code, status];
  const error = { Type: shownStatus < 500 ? 'Sender' : 'Receiver', Code: shownCode, Message: message };
  const body = `<ErrorResponse xmlns="${NAMESPACES[service]}"><Error>${xml(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return [shownStatus, 'text/xml', body];
}

const xml = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, member]) =>
          Array.isArray(value) ? `<member>${xml(member)}</member>` : `<${name}>${xml(member)}</${name}>`,
        )
        .join('')
    : String(value).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
