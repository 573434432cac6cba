import { html } from '../html.js';
import { actionName, LEGS, readable, shortName, statusOf } from '../words.js';
import { Icon } from './icon.js';
import { Copy, Json } from './json.js';

/** @import { components } from '../../client/schema.d.ts' */
/** @typedef {components['schemas']['EffectItem']} EffectItem */
/** @typedef {components['schemas']['Leg']} Leg */

/** Who gains and who loses. @param {{ effect: components['schemas']['Effect'] }} props */
export const Effect = ({ effect }) => html`
  <dl class="effect">
    <dt data-status="done">Gains</dt>
    <dd><${Those} items=${effect.gains} /></dd>
    <dt data-status="missing">Loses</dt>
    <dd><${Those} items=${effect.loses} /></dd>
  </dl>`;

/** @param {{ items: EffectItem[] }} props */
function Those({ items }) {
  if (items.length === 0) return html`nobody`;
  return html`<ul>${[...Map.groupBy(items, ({ principal }) => principal)].map(
    ([principal, all]) => html`
      <li>
        <strong>${shortName(principal, all[0]?.kind)}</strong> <code>${principal}</code>
        ${all.map(
          ({ actions, conditions, except }) => html`
            <div class="hint">${[actions.map(actionName).join(', '), ...conditions.map((words) => readable(words).replace(/\.$/, ''))].join(' · ')}${except.length > 0 && `, but for ${except.join(', ')}`}</div>`,
        )}
      </li>`,
  )}</ul>`;
}

const ORDER = /** @type {const} */ (['secretPolicy', 'keyPolicy', 'identityPolicy', 'organization']);

/** What reading takes, each with what is still to be pasted. @param {{ legs: Leg[], children?: unknown }} props */
export const Legs = ({ legs, children }) => html`
  <ul class="legs">
    ${ORDER.flatMap((name) => legs.filter(({ leg }) => leg === name)).map((leg) => html`<${OneLeg} leg=${leg} name=${legName(leg, legs)} />`)}
    ${children}
  </ul>`;

/** @param {{ leg: Leg, name: string }} props */
function OneLeg({ leg, name }) {
  const [icon, words] = statusOf(leg);
  // The secret’s own policy is what the change writes.
  const toPaste = leg.leg !== 'secretPolicy' && leg.status !== 'done' && leg.statement;
  return html`
    <li data-status=${leg.status}>
      <span class="dot"><${Icon} name=${icon} /></span>
      <div>
        <strong>${name}</strong> ${words} <span class="hint">account ${leg.account}</span>
        <div class="hint">${readable(leg.detail)}</div>
        ${
          toPaste &&
          html`
          <${Copy} text=${JSON.stringify(leg.statement, null, 2)} label=${`${name} of ${leg.account}`}>${`Copy statement for ${leg.account}`}<//>
          <details><summary>The statement</summary><${Json} value=${leg.statement} label=${`To paste: ${name}`} /></details>`
        }
      </div>
    </li>`;
}

/** A secret with replicas has a key in each Region. @param {Leg} leg @param {Leg[]} legs */
export const legName = ({ leg, region }, legs) =>
  region !== undefined && legs.filter((other) => other.leg === leg).length > 1
    ? `${LEGS[leg]} in ${region}`
    : LEGS[leg];

/** @param {{ warnings: components['schemas']['Warning'][] }} props */
export const Warnings = ({ warnings }) =>
  warnings.map(
    ({ message }) => html`<p class="notice"><${Icon} name="warning" /><span>${readable(message)}</span></p>`,
  );

/** The document before and after, changed members only. @param {{ diff: components['schemas']['PatchOperation'][] }} props */
export const Diff = ({ diff }) =>
  diff.length > 0 &&
  html`<details><summary>Difference</summary><div class="diff">${diff.map(
    ({ op, path, value }) => html`
      <div data-status=${op === 'remove' ? 'missing' : op === 'add' ? 'done' : 'unknown'}>
        <code>${op === 'remove' ? '−' : op === 'add' ? '+' : '±'} ${path || '(all)'}</code>
        ${value !== undefined && html`<pre tabindex="0" aria-label=${`${op} ${path}`}>${JSON.stringify(value, null, 2)}</pre>`}
      </div>`,
  )}</div></details>`;
