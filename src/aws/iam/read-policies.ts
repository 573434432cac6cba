import { GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam';
import type { Holder, NamedPolicy, OwnPolicies } from '../../access/judge/identity/own-policies.ts';
import { accountIn } from '../../policy/arn.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DomainError } from '../../problems/problem.ts';
import { readOther } from '../policy-text.ts';
import { type Ask, allOf } from './ask.ts';
import { type Found, findHolder } from './find-holder.ts';

/** Of one user or role, those of its groups among them; by IAM’s quotas it has fewer, unless they are many small inline ones. */
const MOST_POLICIES = 100;
/** Calls that are made at once. */
const AT_ONCE = 4;

/**
 * All policies of a user or role: inline and attached, those of a user’s groups, and the permissions boundary.
 * Source: IAM API Reference; IAM User Guide, "Managed policies and inline policies".
 * @returns `gone`, `several` as find-holder.ts says
 * @throws DomainError aws-…, also for more policies than are read, and for one that can’t be read
 */
export async function readPolicies(holder: Holder, ask: Ask): Promise<Omit<OwnPolicies, 'asOf'> | 'gone' | 'several'> {
  const found = await findHolder(holder, ask);
  if (found === 'gone' || found === 'several') return found;
  const { arn, boundary, bearers } = found;
  // The account is that of the credentials: nothing else in a call names it.
  if (arn === undefined || accountIn(arn) !== holder.account) {
    const why = `IAM answered for another account than that of ${holder.type} ${holder.name}, ${holder.account}.`;
    throw new DomainError('aws-error', { why });
  }
  const inline: Read[] = [];
  const attached = new Set<string>();
  for (const one of bearers) {
    inline.push(...(await inlineOf(one)));
    for (const policy of await attachedTo(one)) attached.add(policy);
  }
  const reads = [...inline, ...[...attached].map((policy) => () => managed(policy, ask))];
  if (reads.length > MOST_POLICIES)
    throw new DomainError('aws-error', { why: `${arn} has more policies than are read (${MOST_POLICIES}).` });
  return {
    arn,
    identity: await someAtOnce(reads),
    boundary: boundary === undefined ? null : await managed(boundary, ask),
  };
}

type Read = () => Promise<NamedPolicy>;
type Whose = Found['bearers'][number];

async function inlineOf({ bearer, of }: Whose): Promise<Read[]> {
  const names = await allOf(bearer.inlineNames, ({ PolicyNames = [] }) => PolicyNames);
  return names.map((policy) => async () => {
    const name = `the inline policy ${policy}${of}`;
    const { PolicyDocument: text } = await bearer.inline(policy);
    return { name, document: documentIn(text, name) };
  });
}

const attachedTo = ({ bearer }: Whose): Promise<string[]> =>
  allOf(bearer.attached, ({ AttachedPolicies = [] }) => AttachedPolicies.flatMap(({ PolicyArn }) => PolicyArn ?? []));

async function managed(PolicyArn: string, ask: Ask): Promise<NamedPolicy> {
  const { Policy } = await ask('GetPolicy', new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId;
  const { PolicyVersion } = await ask('GetPolicyVersion', new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return { name: PolicyArn, document: documentIn(PolicyVersion?.Document, PolicyArn) };
}

async function someAtOnce(reads: readonly Read[]): Promise<NamedPolicy[]> {
  const read: NamedPolicy[] = [];
  for (let start = 0; start < reads.length; start += AT_ONCE) {
    read.push(...(await Promise.all(reads.slice(start, start + AT_ONCE).map((one) => one()))));
  }
  return read;
}

/** IAM gives documents URL-encoded (RFC 3986). @throws DomainError aws-error */
function documentIn(text: string | undefined, name: string): PolicyDocument {
  const why = `${name} is no policy that can be read here.`;
  return readOther(decoded(text ?? '', why), why);
}

function decoded(text: string, why: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new DomainError('aws-error', { why, cause });
  }
}
