import { render } from 'preact';
import { useAsked } from './asked.js';
import { html } from './html.js';
import { Empty, Face } from './parts/face.js';
import { Shell } from './parts/shell.js';
import { Title } from './parts/title.js';
import { route, to } from './router.js';
import { comeBack } from './sign-in.js';

/** By the first part of the address; a page is loaded when somebody goes there. @type {Record<string, () => Promise<{ default: Function }>>} */
const PAGES = {
  secrets: () => import('./pages/secrets.js'),
  secret: () => import('./pages/secret.js'),
  principals: () => import('./pages/principal.js'),
  inbox: () => import('./pages/inbox.js'),
  operations: () => import('./pages/operations.js'),
  operation: () => import('./pages/operation.js'),
  'new-operation': () => import('./pages/new-operation.js'),
  findings: () => import('./pages/findings.js'),
  audit: () => import('./pages/audit.js'),
};

/** @param {string[]} parts @returns {string} */
function pageOf([first = 'secrets', second]) {
  if (first === 'secrets' && second !== undefined) return 'secret';
  if (first === 'operations' && second !== undefined) return second === 'new' ? 'new-operation' : 'operation';
  return first;
}

function Page() {
  const { parts, path } = route.value;
  const name = pageOf(parts);
  const load = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  const page = useAsked(async () => load?.(), [name]);
  if (load === undefined)
    return html`<${Title}>No such page<//><${Empty}>Nothing stands here. <a href=${to('secrets')}>Secrets</a><//>`;
  // Another secret is another page: nothing of the one before stays.
  return html`<${Face} asked=${page}>${(/** @type {{ default: Function } | undefined} */ loaded) => loaded && html`<${loaded.default} key=${path} parts=${parts} />`}<//>`;
}

await comeBack(route.value.parts);
const place = document.getElementById('console');
if (place !== null) render(html`<${Shell}><${Page} /><//>`, place);
