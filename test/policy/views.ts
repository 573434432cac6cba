import type { PolicyDocument } from '../../src/policy/document.ts';
import { compile, EMPTY_POLICY, type PolicyView, policyText } from '../../src/policy/entries/compile.ts';
import { addEntry } from '../../src/policy/entries/edit.ts';
import type { Entry } from '../../src/policy/entries/entry.ts';
import { shareWithPrincipal } from '../../src/policy/entries/templates/share-with-principal.ts';
import type { Request } from './arbitraries.ts';

/** Policies as values, the way the write path handles them. */

export const MARY = 'arn:aws:iam::123456789999:user/Mary';
export const APP = 'arn:aws:iam::222222222222:role/app';
export const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

/** Shares for reading unless the parameters say otherwise. */
export const share = (view: PolicyView, parameters: Record<string, unknown>) =>
  addEntry(view, shareWithPrincipal, { actions: READ, ...parameters }, 'aws');

export const viewOf = (requests: readonly Request[], partition: string, base = EMPTY_POLICY): PolicyView =>
  requests.reduce((view, { template, parameters }) => addEntry(view, template, parameters, partition).view, base);

export function documentOf(view: PolicyView): PolicyDocument {
  const document = compile(view);
  if (document === null) throw new Error('The view is empty.');
  return document;
}

/** As a reader of the JSON text gets it: nothing shared with what was written. */
export const overTheWire = (document: PolicyDocument): PolicyDocument => JSON.parse(policyText(document));

/** Entries without regard to their order; two of one id would be a defect. */
export function byId(entries: readonly Entry[]): Record<string, Entry> {
  const found = Object.fromEntries(entries.map((entry) => [entry.id, entry]));
  if (Object.keys(found).length !== entries.length) throw new Error('Two entries have the same id.');
  return found;
}
