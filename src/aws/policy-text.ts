import { NotIJson, readIJson } from '../json/i-json.ts';
import { createLru } from '../lru.ts';
import { grammarErrors, isPolicyDocument, type PolicyDocument } from '../policy/document.ts';
import { DomainError } from '../problems/problem.ts';

/**
 * A policy as AWS gave it. What can't be read is an error and never "no policy": the next write would wipe it.
 * @throws DomainError policy-unreadable
 */
export function readPolicy(text: string, resource: string): PolicyDocument {
  return documents.get(text, () => parseDocument(text, resource));
}

/** Policies are read more often than they change: the same text gives the same document, and what was worked out of it. */
const documents = createLru<PolicyDocument>(100);

/**
 * A policy that only takes part in an answer. What can’t be read may allow or deny anything.
 * @param why what is told then
 * @throws DomainError aws-error
 */
export function readOther(text: string, why: string): PolicyDocument {
  try {
    const document = readIJson(text);
    if (isPolicyDocument(document)) return document;
  } catch (error) {
    if (!(error instanceof NotIJson)) throw error;
  }
  throw new DomainError('aws-error', { why });
}

function parseDocument(text: string, resource: string): PolicyDocument {
  const document = parseJson(text, resource);
  if (isPolicyDocument(document)) return document;
  throw new DomainError('policy-unreadable', {
    resource,
    why: 'It is JSON that does not follow the IAM policy grammar.',
    errors: grammarErrors(document),
  });
}

function parseJson(text: string, resource: string): unknown {
  try {
    return readIJson(text);
  } catch (error) {
    if (!(error instanceof NotIJson)) throw error;
    throw new DomainError('policy-unreadable', { resource, why: error.message });
  }
}
