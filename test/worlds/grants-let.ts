import type { Caller } from './cast.ts';
import type { Grant } from './world.ts';

/**
 * Whether one of the grants lets the caller, itself or as one of its account, by which its identity policies then decide.
 * Source: KMS API Reference, CreateGrant and GrantConstraints: "the encryption context … keys are case-insensitive".
 */
export function grantsLet(
  grants: readonly Grant[],
  { arn, principal }: Caller,
  operation: string,
  encryption: Record<string, string>,
): 'itself' | 'account' | null {
  const asked = lowered(encryption);
  const fitting = grants.filter(({ Operations, Constraints = {} }) => {
    const { EncryptionContextSubset: subset, EncryptionContextEquals: exact, SourceArn } = Constraints;
    const wanted = Object.entries(lowered(subset ?? exact ?? {}));
    const holds = wanted.every(([name, value]) => asked[name] === value);
    const whole = exact === undefined || wanted.length === Object.keys(asked).length;
    // Secrets Manager calls for the reader, and of no source.
    return Operations.includes(operation) && holds && whole && SourceArn === undefined;
  });
  if (fitting.some(({ GranteePrincipal: grantee }) => grantee === arn || grantee === principal.arn)) return 'itself';
  return fitting.some(({ GranteePrincipal: grantee }) => grantee === `arn:aws:iam::${principal.account}:root`)
    ? 'account'
    : null;
}

const lowered = (context: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name.toLowerCase(), value]));
