/** Answers of the AWS query protocol, which STS speaks: form-encoded requests, XML answers. */

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export const queryAnswer = (operation: string, answer: object, requestId: string): string =>
  `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${xml(answer)}</${operation}Result>` +
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
export function queryError(code: string, message: string, status: number, requestId: string): [number, string, string] {
  const [shownCode, shownStatus] = COMMON_ERRORS[code] ?? [code, status];
  const error = { Type: shownStatus < 500 ? 'Sender' : 'Receiver', Code: shownCode, Message: message };
  const body = `<ErrorResponse xmlns="${NAMESPACE}"><Error>${xml(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return [shownStatus, 'text/xml', body];
}

const xml = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, member]) => `<${name}>${xml(member)}</${name}>`)
        .join('')
    : String(value).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
