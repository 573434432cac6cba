import { readIJson } from '../../json/i-json.ts';
import { isPolicyDocument, type PolicyDocument, statementsOf } from '../../policy/document.ts';
import { AwsError } from '../protocol/errors.ts';

/**
 * A policy of a user, a role or a session: it has no principal, who bears it is meant. Nothing more is looked at.
 * @throws AwsError MalformedPolicyDocument, as IAM and STS call it
 */
export function readIdentityPolicy(json: string): PolicyDocument {
  const document = readDocument(json);
  if (statementsOf(document).some(({ Principal, NotPrincipal }) => (Principal ?? NotPrincipal) !== undefined)) {
    throw malformed('Policy document should not specify a principal.');
  }
  return document;
}

/** A role's trust policy: every statement has a principal, and none a resource. @throws AwsError MalformedPolicyDocument */
export function readTrustPolicy(json: string): PolicyDocument {
  const document = readDocument(json);
  const statements = statementsOf(document);
  if (statements.some(({ Principal }) => Principal === undefined)) throw malformed('Missing required field Principal');
  if (statements.some(({ Resource, NotResource }) => (Resource ?? NotResource) !== undefined)) {
    throw malformed('Has prohibited field Resource');
  }
  return document;
}

function readDocument(json: string): PolicyDocument {
  let document: unknown;
  try {
    document = readIJson(json);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
  if (!isPolicyDocument(document)) throw malformed('Syntax errors in policy.');
  return document;
}

const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);
