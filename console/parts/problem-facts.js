import { html } from '../html.js';
import { to } from '../router.js';

/** @import { components } from '../../client/schema.d.ts' */

/** What a refusal names besides: where to go instead, and how full a policy is. @param {{ problem: Partial<components['schemas']['Problem']> }} props */
export function ProblemFacts({ problem: { primary, size, limit } }) {
  if (typeof primary === 'string') return html`<p><a href=${to('secrets', primary)}>Open the primary</a></p>`;
  if (typeof size !== 'number' || typeof limit !== 'number') return null;
  const words = `${size.toLocaleString('en')} of ${limit.toLocaleString('en')} characters`;
  return html`<p><meter aria-label=${words} max=${limit} high=${limit} optimum="0" value=${size}></meter> <span class="hint">${words}</span></p>`;
}
