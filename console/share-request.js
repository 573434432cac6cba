import { actionsOf, escalates } from './deeds.js';
import { onlyIf } from './only-if.js';
import { kindOf, named, spanOf } from './whom.js';

/** @import { components } from '../client/schema.d.ts' */

/** What every share starts from: to read, for a month, and no condition. */
export const SHARE = { deed: 'read', span: '30d', kind: 'one', stages: 'any' };

/**
 * What a form asks to share, but why.
 * @param {Record<string, any>} values
 * @returns {components['schemas']['ShareRequest']}
 */
export function shareOf(values) {
  const { deed, span, date = '', expiresAt, acknowledgeEscalation, acknowledgeUnreadable, grantKey } = values;
  return {
    ...named(values).request,
    ...(deed !== 'read' && { actions: actionsOf(values) }),
    ...onlyIf(values, kindOf(values) === 'service'),
    // What the check said is what is applied.
    ...(expiresAt === undefined ? spanOf(span, date) : { expiresAt }),
    ...(escalates(values) && acknowledgeEscalation && { acknowledgeEscalation }),
    ...(acknowledgeUnreadable && { acknowledgeUnreadable }),
    ...(grantKey && { grantKey }),
  };
}
