import { GET_SECRET_VALUE, repairingActions } from '../../policy/actions.ts';
import { addEntry } from '../../policy/entries/edit.ts';
import { templates } from '../../policy/entries/templates/index.ts';
import { parsePrincipal } from '../../policy/principal.ts';
import { DomainError } from '../../problems/problem.ts';
import { conditionKeysOf, guardContext } from '../guard/guard-context.ts';
import type { ChangeCommand, Warning } from '../write/change.ts';
import type { CommandBase } from './command.ts';

export type RestrictionRequest = {
  boundary: Record<string, string | string[]>;
  exceptPrincipals?: string[];
  actions?: string[];
};

/** Denies everyone outside a boundary. @throws DomainError validation-failed */
export function restrictAccess(base: CommandBase, request: RestrictionRequest): ChangeCommand {
  const { boundary, exceptPrincipals = [], actions = [GET_SECRET_VALUE] } = request;
  const [parameter, ...others] = Object.keys(boundary);
  const template = templates.find(
    ({ kind, parameters }) => kind === 'restriction' && parameter !== undefined && parameter in parameters.properties,
  );
  if (template === undefined || parameter === undefined || others.length > 0) {
    throw refused('/boundary', 'must have exactly one of organization, vpcEndpoints, vpcs, principals, sourceIps');
  }
  const isPrincipals = parameter === 'principals';
  for (const name of [...(isPrincipals ? [boundary[parameter]].flat() : []), ...exceptPrincipals]) {
    if (parsePrincipal(String(name))?.type === 'assumedRole') {
      throw refused(
        isPrincipals ? '/boundary/principals' : '/exceptPrincipals',
        `must name the role of ${name}, not a session`,
      );
    }
  }
  const parameters = isPrincipals
    ? { principals: [boundary[parameter], exceptPrincipals].flat() }
    : { ...boundary, ...(exceptPrincipals.length > 0 && { exceptPrincipals }) };
  return {
    ...base,
    action: 'restrict',
    request: { ...request, actions },
    guard: {
      action: 'restrict',
      context: guardContext({
        actions,
        conditionKeys: conditionKeysOf(template.render({ ...parameters, actions }, [])),
      }),
    },
    validate: true,
    edit(view, secret) {
      const { view: edited, entry } = addEntry(view, template, { ...parameters, actions }, secret.partition);
      return { view: edited, entry, warnings: warningsOf(actions) };
    },
  };
}

const refused = (path: string, message: string) =>
  new DomainError('validation-failed', 'This is not a boundary that a restriction can have.', {
    errors: [{ path, message }],
  });

const warningsOf = (actions: readonly string[]): Warning[] =>
  repairingActions(actions).length === 0
    ? []
    : [
        {
          code: 'denies-repair',
          message: 'Outside the boundary nobody can repair this policy. AWS’s lock-out check was asked.',
        },
      ];
