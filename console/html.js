import htm from 'htm';
import { h } from 'preact';

/**
 * Markup as a template. Values become text or attributes, never markup: what the API says can’t run.
 * A long word of it, an ARN or an action, goes on in the next line between its parts.
 */
export const html = htm.bind(
  /** @type {typeof h} */ (
    (/** @type {any} */ type, /** @type {any} */ props, /** @type {any[]} */ ...children) =>
      h(type, props, ...(typeof type === 'string' && !PLAIN.has(type) ? children.map(breakable) : children))
  ),
);

/** They take text and no elements, or never wrap. */
const PLAIN = new Set(['option', 'textarea', 'pre']);

/** A word that may need a line of its own; the id of an organization, which its hyphen would break. */
const NAMES = /(\S{20,}|\bo-[a-z0-9]{10,32}\b)/;

/** @param {unknown} child @returns {unknown} */
function breakable(child) {
  if (Array.isArray(child)) return child.map(breakable);
  if (typeof child !== 'string' || !NAMES.test(child)) return child;
  return child.split(NAMES).map((part, index) => (index % 2 === 0 ? part : inParts(part)));
}

/** After a colon or a slash, where what stands before says something by itself. */
const PARTS = /(?<=[:/])(?=[^:/])(?<!\barn:(?:[\w-]+:(?:[\w-]+::)?)?)/;

/** @param {string} name */
const inParts = (name) =>
  name.startsWith('o-')
    ? h('span', { className: 'whole' }, name)
    : name.split(PARTS).map((piece, at) => (at === 0 ? piece : [h('wbr', null), piece]));
