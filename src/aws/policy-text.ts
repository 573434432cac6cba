import { createLru } from '../lru.ts';
import { isPolicyDocument, type PolicyDocument } from '../policy/document.ts';
import { DomainError } from '../problems/problem.ts';

/**
 * A policy as AWS gave it. What can't be read is an error and never "no policy": the next write would wipe it.
 * @throws DomainError aws-error
 */
export function readPolicy(text: string, resource: string): PolicyDocument {
  return documents.get(text, () => parseDocument(text, resource));
}

/** Policies are read more often than they change: the same text gives the same document, and what was worked out of it. */
const documents = createLru<PolicyDocument>(100);

function parseDocument(text: string, resource: string): PolicyDocument {
  const document = parseJson(text);
  if (isPolicyDocument(document)) return document;
  throw new DomainError('aws-error', {
    why: `The policy attached to ${resource} is not one that this service can read, so it changes nothing. Look at it with the AWS CLI.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
