import { html } from '../html.js';
import { to } from '../router.js';
import { me } from '../session.js';
import { counted, entryName, fence, when } from '../words.js';
import { Icon } from './icon.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @import { Entry } from '../words.js' */
/** @typedef {components['schemas']['AttachedPolicy']} Attached */

/** @param {{ secret: Attached['secret'] }} props */
export const Facts = ({ secret: { region, account, kmsKeyId, description, deletedAt, owningService, tags } }) => html`
  ${description && html`<p class="lead">${description}</p>`}
  <ul class="chips" aria-label="About this secret">
    <li>Account ${account}</li>
    <li>${region}</li>
    ${kmsKeyId ? html`<li title=${kmsKeyId}>Customer managed key</li>` : html`<li><${Icon} name="warning" />AWS managed key: not readable from other accounts</li>`}
    ${owningService && html`<li><${Icon} name="service" />Managed by ${owningService}</li>`}
    ${deletedAt && html`<li><${Icon} name="warning" />Waits for deletion since ${when(deletedAt)}</li>`}
    ${Object.entries(tags).map(([key, value]) => html`<li>${key}: ${value}</li>`)}
  </ul>`;

/** @param {{ policy: Attached, can: (action: any) => unknown, open: (kind: 'restore' | 'revoke', entry?: Entry) => void }} props */
export const Alerts = ({ policy: { missing, restrictions }, can, open }) => html`
  ${missing === null && html`<p class="notice"><${Icon} name="warning" /><span>The audit log does not answer: nobody can say whether somebody dropped a statement of ours.</span></p>`}
  ${
    missing !== null &&
    missing.length > 0 &&
    html`
    <p class="notice"><${Icon} name="warning" /><span>Dropped outside: ${counted(missing.length, 'statement')} of ours (${missing.map(entryName).join(', ')}).</span>
      ${can('restoreDrift') && html`<button type="button" onClick=${() => open('restore')}>Put back</button>`}</p>`
  }
  ${restrictions.map(
    (restriction) => html`
      <p class="notice fence"><${Icon} name="everyone" /><div><strong>Fence:</strong> ${fence(restriction)}<div class="hint">${madeBy(restriction)}</div></div>
        ${can('revokeRestriction') && html`<button type="button" onClick=${() => open('revoke', restriction)}>Revoke fence</button>`}</p>`,
  )}`;

/** @param {Entry} entry */
const madeBy = ({ reason, by, at, ticket }) =>
  [reason && `“${reason}”`, by?.subject, ticket, at && when(at)].filter(Boolean).join(', ');

/** @param {{ secretId: string, tab: string }} props */
export const Tabs = ({ secretId, tab }) => html`
  <nav class="tabs" aria-label="About this secret">
    ${[
      ['readers', 'Readers'],
      ...(me.value?.capabilities.audit ? [['timeline', 'Timeline']] : []),
      ['document', 'Document'],
    ].map(
      ([name = '', words]) =>
        html`<a href=${name === 'readers' ? to('secrets', secretId) : to('secrets', secretId, name)} aria-current=${tab === name ? 'page' : undefined}>${words}</a>`,
    )}
  </nav>`;
