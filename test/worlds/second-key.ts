import type { PolicyDocument, Statement } from '../../src/policy/document.ts';
import { askOracle } from '../policy/oracle.ts';
import { OWNER } from './cast.ts';
import { grantsLet } from './grants-let.ts';
import { type Asked, contextOf, identityOf, simulated } from './simulated.ts';
import { type Key, REGION } from './world.ts';

/** Source: KMS Developer Guide, "Key policies", "Grants", "Key states". */
export async function keyLets(asked: Asked): Promise<boolean> {
  const { bed, staged, caller, region, identity } = asked;
  const { world } = staged;
  const key = region === REGION ? world.key : world.replica;
  if (key === null) throw new Error(`There is no key in ${region}.`);
  if (key.type === 'default' && caller.principal.account !== OWNER) return false;
  if (key.type === 'customer' && key.state !== 'Enabled') return false;
  const account = key.type === 'customer' && key.foreign ? '555555555555' : OWNER;
  const service = `secretsmanager.${region}.amazonaws.com`;
  const encryption = { SecretARN: staged.arns[region] ?? '', SecretVersionId: staged.versionId };
  const decide = async (statements: readonly Statement[]) =>
    (
      await askOracle({
        request: {
          caller: simulated(caller),
          action: 'kms:Decrypt',
          resource: staged.keyArns[region] ?? `arn:aws:kms:${region}:${OWNER}:key/aws-managed`,
          resourceAccount: account,
          context: {
            ...contextOf(bed, world, caller, region),
            'aws:ViaAWSService': 'true',
            'kms:ViaService': service,
            'kms:CallerAccount': caller.principal.account,
            'kms:EncryptionContextKeys': Object.keys(encryption),
            ...Object.fromEntries(Object.entries(encryption).map(([name, value]) => [`${ENCRYPTION}${name}`, value])),
          },
          contextIs: 'complete',
        },
        resourcePolicy: withTags({ Version: '2012-10-17', Statement: [...statements] }),
        identityPolicies: identityOf(world, caller, identity),
      })
    ).decision;

  const decision = await decide(statementsOf(key, region));
  if (decision !== 'implicitlyDenied') return decision === 'allowed';
  const grants = key.type === 'customer' ? key.grants : [];
  const granted = grantsLet(grants, caller, 'Decrypt', encryption);
  if (granted === 'itself' && caller.principal.account === account) return true;
  // The caller's account lets it as well: asked as of a key that delegates to identity policies.
  const delegating = [caller.principal.account, account].map((one) => allowing({ AWS: `arn:aws:iam::${one}:root` }));
  return granted !== null && (await decide(delegating)) === 'allowed';
}

/** It takes no condition on the encryption context (`kms:EncryptionContext:…`): tags of the principal stand in for them. */
const ENCRYPTION = 'aws:PrincipalTag/encryption-';
const withTags = (policy: PolicyDocument): PolicyDocument =>
  JSON.parse(JSON.stringify(policy).replaceAll('kms:EncryptionContext:', ENCRYPTION)) as PolicyDocument;

const allowing = (Principal: Statement['Principal']): Statement => ({
  Effect: 'Allow',
  ...(Principal && { Principal }),
  Action: 'kms:*',
  Resource: '*',
});

/** Of the AWS managed key: "all principals in the account that are authorized to use AWS Secrets Manager". */
function statementsOf(key: Key, region: string): Statement[] {
  if (key.type === 'customer') return key.statements.length === 0 ? [allowing('*')] : key.statements;
  const condition = { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:CallerAccount': OWNER };
  return [{ ...allowing('*'), Condition: { StringEquals: condition } }];
}
