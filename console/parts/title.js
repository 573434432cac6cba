import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { hasMoved, route } from '../router.js';

/** The heading of a page, which takes the focus when somebody comes to it. @param {{ children: string, also?: unknown }} props */
export function Title({ children, also }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const { path } = route.value;
  useEffect(() => {
    document.title = `${children} – Secret access`;
    if (hasMoved) heading.current?.focus();
  }, [children, path]);
  return html`<div class="title"><h1 ref=${heading} tabindex="-1">${children}</h1>${also}</div>`;
}

/** Until it is known which page it is: some heading is always there. */
export const NoTitle = () => html`<h1 class="unseen">Secret access</h1>`;
