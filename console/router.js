import { computed, signal } from '@preact/signals';

/** The console’s pages stand under it. */
export const BASE = '/console';

const address = signal(location.pathname + location.search);

/** What nobody can decode stays as it is. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Where one is: the parts of the path below /console, decoded, and the query. */
export const route = computed(() => {
  const { pathname, searchParams } = new URL(address.value, location.origin);
  const parts = pathname.slice(BASE.length).split('/').filter(Boolean).map(decoded);
  return { path: pathname, parts, query: searchParams };
});

/** Whether somebody has gone anywhere since the page came: only then a heading takes the focus. */
export let hasMoved = false;

/**
 * @param {string} href
 * @param {{ replace?: boolean }} [how] `replace`: the same page, said more precisely
 */
export function go(href, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  hasMoved = true;
  address.value = location.pathname + location.search;
}

/** The query of this page with some members changed; empty ones are left out. @param {Record<string, string>} members */
export function setQuery(members) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(members)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  go(`${location.pathname}${query.size === 0 ? '' : `?${query}`}`, { replace: true });
}

/** @param {...string} parts below /console, as they are: `to('secrets', 'demo/database')` */
export const to = (...parts) => [BASE, ...parts.map(encodeURIComponent)].join('/');

addEventListener('popstate', () => {
  hasMoved = true;
  address.value = location.pathname + location.search;
});

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (
    link === null ||
    !isPlain ||
    link.origin !== location.origin ||
    link.target !== '' ||
    link.hasAttribute('download')
  )
    return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
