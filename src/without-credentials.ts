/**
 * Credentials that somebody put where they do not belong: keys of this service (bin/new-api-key.ts), JSON Web Tokens, and
 * access keys and session tokens of AWS, which are told by their form; and those that the request itself was sent with.
 */
const FORMS = [
  /sas_[\w-]{20,}/g,
  /eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}/g,
  /(?:AKIA|ASIA)[A-Z0-9]{16}/g,
  /(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=%]{60,}/g,
  /(?:bearer|basic|apikey)(?:\s|%20|\+)+[\w+/=.~%-]{8,}/gi,
];
const REDACTED = '[redacted]';
/** Characters. A shorter one may be any word. */
const SHORTEST = 8;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The text with `[redacted]` in the place of each. @param headers of the request that the text came with */
export function withoutCredentials(text: string, headers: Headers = {}): string {
  const own = ownCredentials(headers).reduce((left, credential) => left.replaceAll(credential, REDACTED), text);
  return FORMS.reduce((left, form) => left.replace(form, REDACTED), own);
}

/** An address: where one is percent-encoded, nothing is left of it. */
export function pathWithoutCredentials(path: string, headers: Headers = {}): string {
  const scrubbed = withoutCredentials(path, headers);
  const decoded = decode(scrubbed);
  return withoutCredentials(decoded, headers) === decoded ? scrubbed : REDACTED;
}

function ownCredentials(headers: Headers): string[] {
  const given = [headers['x-api-key'], headers['authorization']].flatMap((value) => value ?? []);
  const words = given.flatMap((value) => [value, ...value.split(/\s+/)]);
  return words.filter((word) => word.length >= SHORTEST).sort((one, other) => other.length - one.length);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // It is refused; what of it can be decoded is.
    return path.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
}
