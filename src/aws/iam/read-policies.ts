import type { Holder, NamedPolicy, OwnPolicies } from '../../access/judge/identity/own-policies.ts';
import { accountIn } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import { isAnswer } from '../errors.ts';
import { readOther } from '../policy-text.ts';
import { type createQuery, elementOf, elementsOf } from '../query.ts';

/** Pages of a hundred that are read of one list. */
const MOST_PAGES = 3;
/** Of one user or role, those of its groups among them; by IAM’s quotas it has fewer, unless they are many small inline ones. */
const MOST_POLICIES = 100;
/** Calls that are made at once. */
const AT_ONCE = 4;

type Query = ReturnType<typeof createQuery>;
type Bearer = { kind: 'Role' | 'User' | 'Group'; name: string };

/**
 * All policies of a user or role: inline and attached, those of a user’s groups, and the permissions boundary.
 * Source: IAM API Reference; IAM User Guide, "Managed policies and inline policies".
 * @returns `gone` where IAM knows nobody of that name
 * @throws DomainError aws-…, also for more policies than are read, and for one that can’t be read
 */
export async function readPolicies(
  { partition, account, type, name }: Holder,
  query: Query,
): Promise<Omit<OwnPolicies, 'asOf'> | 'gone'> {
  const resource = `arn:${partition}:iam::${account}:${type}/${name}`;
  const ask = (action: string, parameters: Record<string, string>) => query(action, resource, parameters);
  const self: Bearer = { kind: type === 'role' ? 'Role' : 'User', name };

  async function list(action: string, of: Record<string, string>, element: string): Promise<string[]> {
    const found: string[] = [];
    let marker: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await ask(action, { ...of, MaxItems: '100', ...(marker !== undefined && { Marker: marker }) });
      found.push(...elementsOf(answer, element));
      marker = elementOf(answer, 'IsTruncated') === 'true' ? elementOf(answer, 'Marker') : undefined;
      if (marker === undefined) return found;
    }
    throw tooMany(resource);
  }

  const inlineOf = async (bearer: Bearer): Promise<Read[]> => {
    const names = await list(`List${bearer.kind}Policies`, named(bearer), 'member');
    return names.map((PolicyName) => async () => {
      const of = bearer.kind === 'Group' ? ` of group ${bearer.name}` : '';
      const called = `the inline policy ${PolicyName}${of}`;
      const answer = await ask(`Get${bearer.kind}Policy`, { ...named(bearer), PolicyName });
      return { name: called, document: documentIn(answer, 'PolicyDocument', called) };
    });
  };
  const managed = async (PolicyArn: string): Promise<NamedPolicy> => {
    const VersionId = elementOf(await ask('GetPolicy', { PolicyArn }), 'DefaultVersionId') ?? '';
    const answer = await ask('GetPolicyVersion', { PolicyArn, VersionId });
    return { name: PolicyArn, document: documentIn(answer, 'Document', PolicyArn) };
  };

  const found = await ask(`Get${self.kind}`, named(self)).catch(goneIfMissing);
  const arn = found && elementOf(found, 'Arn');
  if (found === undefined) return 'gone';
  // The account is that of the credentials: nothing else in a call names it.
  if (arn === undefined || accountIn(arn) !== account)
    throw new DomainError('aws-error', { why: `IAM answered for another account than that of ${resource}.` });
  const groups = self.kind === 'User' ? await list('ListGroupsForUser', named(self), 'GroupName') : [];
  const bearers = [self, ...groups.map((group): Bearer => ({ kind: 'Group', name: group }))];
  const inline: Read[] = [];
  const attached = new Set<string>();
  for (const bearer of bearers) {
    inline.push(...(await inlineOf(bearer)));
    const arns = await list(`ListAttached${bearer.kind}Policies`, named(bearer), 'PolicyArn');
    for (const one of arns) attached.add(one);
  }
  const reads = [...inline, ...[...attached].map((one) => () => managed(one))];
  if (reads.length > MOST_POLICIES) throw tooMany(resource);
  const boundary = elementOf(found, 'PermissionsBoundaryArn');
  return {
    arn,
    identity: await someAtOnce(reads),
    boundary: boundary === undefined ? null : await managed(boundary),
  };
}

type Read = () => Promise<NamedPolicy>;

const named = ({ kind, name }: Bearer): Record<string, string> => ({ [`${kind}Name`]: name });

async function someAtOnce(reads: readonly Read[]): Promise<NamedPolicy[]> {
  const read: NamedPolicy[] = [];
  for (let start = 0; start < reads.length; start += AT_ONCE) {
    read.push(...(await Promise.all(reads.slice(start, start + AT_ONCE).map((one) => one()))));
  }
  return read;
}

function goneIfMissing(error: unknown): undefined {
  if (isAnswer(error, 'NoSuchEntity')) return undefined;
  throw error;
}

const tooMany = (resource: string): DomainError =>
  new DomainError('aws-error', { why: `${resource} has more policies than are read (${MOST_POLICIES}).` });

/** IAM gives documents URL-encoded (RFC 3986). @throws DomainError aws-error */
function documentIn(answer: string, element: string, name: string): PolicyDocument {
  const why = `${name} is no policy that can be read here.`;
  return readOther(decoded(elementOf(answer, element) ?? '', why), why);
}

function decoded(text: string, why: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new DomainError('aws-error', { why, cause });
  }
}
