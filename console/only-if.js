/** Under which conditions a share counts, as a form asks for them: nothing, unless somebody says so. */

import { linesOf, listed } from './whom.js';

/** @import { components } from '../client/schema.d.ts' */
/** @typedef {Pick<components['schemas']['ShareRequest'], 'versionStages' | 'sourceVpcEndpoints' | 'principalTags' | 'matchTags'>} Conditions */

/** @type {[string, string][]} */
export const VALUES = [
  ['any', 'Any, older ones too'],
  ['current', 'The current one'],
  ['previous', 'The current one and the one before'],
  ['named', 'By stage'],
];

/** By the names that AWS gives its stages. @type {Record<string, string[]>} */
const STAGES = { current: ['AWSCURRENT'], previous: ['AWSCURRENT', 'AWSPREVIOUS'] };

/**
 * @param {Record<string, any>} values
 * @param {boolean} isService services have no tags, and come through no VPC endpoint
 * @returns {Conditions}
 */
export function onlyIf({ stages = 'any', versionStages = '', sourceVpcEndpoints = '', principalTags = '' }, isService) {
  const versions = stages === 'named' ? listed(versionStages) : (STAGES[stages] ?? []);
  const endpoints = isService ? [] : listed(sourceVpcEndpoints);
  const tags = isService ? [] : linesOf(principalTags);
  const given = tags.filter((line) => line.includes('='));
  const matched = tags.filter((line) => !line.includes('='));
  return {
    ...(versions.length > 0 && { versionStages: versions }),
    ...(endpoints.length > 0 && { sourceVpcEndpoints: endpoints }),
    ...(given.length > 0 && { principalTags: Object.fromEntries(given.map(tagIn)) }),
    ...(matched.length > 0 && { matchTags: matched }),
  };
}

/** `team=payments`. @param {string} line */
const tagIn = (line) => {
  const [key = '', ...value] = line.split('=');
  return [key.trim(), value.join('=').trim()];
};
