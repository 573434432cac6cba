import { statementsOf } from '../../../policy/document.ts';
import { alone } from '../../../policy/entries/edit.ts';
import { texts } from '../../../policy/entries/templates/kinds/share-conditions.ts';
import type { AnyTemplate, Group } from '../../../policy/entries/templates/kinds/template.ts';
import type { AskedShare } from './judge-share.ts';

/** A share of a template as the judge takes it. */
export function askedShare(template: AnyTemplate, parameters: Group, partition: string): AskedShare {
  const { principal, organization } = template.subject(parameters);
  return {
    name: template.reader?.(parameters, partition) ?? principal ?? organization ?? '',
    actions: texts(parameters['actions']),
    statements: statementsOf(alone(template, parameters, partition)),
  };
}
