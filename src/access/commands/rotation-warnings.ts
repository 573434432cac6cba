import { concreteActions } from '../../policy/actions.ts';
import { parseArn } from '../../policy/arn.ts';
import { renderAlone } from '../../policy/entries/compile.ts';
import { texts } from '../../policy/entries/templates/kinds/share-conditions.ts';
import type { AnyTemplate, Group } from '../../policy/entries/templates/kinds/template.ts';
import { parsePrincipal } from '../../policy/principals/principal.ts';
import { conditionKeysOf } from '../guard/guard-context.ts';
import type { Secret } from '../secret.ts';
import type { Warning } from '../write/change.ts';

/** What a rotation function calls (User Guide, "Lambda rotation function execution role permissions"). */
export const OF_ROTATION = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
  (name) => `secretsmanager:${name}`,
);

const NETWORK = ['aws:SourceVpce', 'aws:SourceVpc', 'aws:SourceIp'];

/**
 * A restriction denies the role of the secret's rotation function too. Which role that is only Lambda tells, which is not
 * asked: any role of the function's account that is spared may be it.
 */
export function rotationWarnings({ rotation, account }: Secret, template: AnyTemplate, parameters: Group): Warning[] {
  if (rotation === null || !concreteActions(texts(parameters['actions'])).some((one) => OF_ROTATION.includes(one))) {
    return [];
  }
  const { functionArn } = rotation;
  const isNetwork = conditionKeysOf(renderAlone(template, parameters)).some((key) => NETWORK.includes(key));
  if (functionArn === null) {
    const linked = parameters['exceptServiceLinkedRoles'] === true || texts(parameters['exceptServices']).length > 0;
    const spared = linked || names(parameters, account, ['account']);
    return isNetwork && !spared ? [warning(BY_AWS)] : [];
  }
  const owner = parseArn(functionArn)?.account ?? account;
  const narrows = isNetwork || parameters['principals'] !== undefined;
  return narrows && !names(parameters, owner, ['account', 'role']) ? [warning(byFunction(functionArn))] : [];
}

/** Whether somebody of these kinds in the account is not touched. */
function names(parameters: Group, account: string, kinds: readonly string[]): boolean {
  return [...texts(parameters['exceptPrincipals']), ...texts(parameters['principals'])].some((name) => {
    const principal = parsePrincipal(name);
    return principal?.account === account && kinds.includes(principal.type);
  });
}

const warning = (message: string): Warning => ({ code: 'rotation-not-excepted', message });

const BY_AWS =
  'AWS rotates this secret itself. Where it does so with a service-linked role, this restriction denies it, and rotation ' +
  'fails: exceptServiceLinkedRoles: true spares such roles.';

const byFunction = (functionArn: string): string =>
  `The function ${functionArn} rotates this secret, with a role that is not known here (lambda:GetFunctionConfiguration is ` +
  'not asked) and that is not excepted: unless its calls come from inside, they are denied, and rotation fails. Name its ' +
  'role in exceptPrincipals.';
