import { render } from 'preact';
import { Moved, useAsked } from './asked.js';
import { keepFocus } from './focus.js';
import { html } from './html.js';
import { Empty, Face } from './parts/face.js';
import { Shell } from './parts/shell.js';
import { NoTitle, Title } from './parts/title.js';
import { BASE, route } from './router.js';
import { comeBack } from './sign-in.js';

/** By the first part of the address; a page is loaded when somebody goes there. @type {Record<string, () => Promise<{ default: Function }>>} */
const PAGES = {
  home: () => import('./pages/home.js'),
  secrets: () => import('./pages/secrets.js'),
  secret: () => import('./pages/secret.js'),
  principals: () => import('./pages/principal.js'),
  inbox: () => import('./pages/inbox.js'),
  operations: () => import('./pages/operations.js'),
  operation: () => import('./pages/operation.js'),
  'new-operation': () => import('./pages/new-operation.js'),
  request: () => import('./pages/request.js'),
  incidents: () => import('./pages/incidents.js'),
  incident: () => import('./pages/incident.js'),
  'new-incident': () => import('./pages/new-incident.js'),
  estate: () => import('./pages/estate.js'),
  findings: () => import('./pages/findings.js'),
  audit: () => import('./pages/audit.js'),
};

/** @param {string[]} parts @returns {string} */
function pageOf([first = 'home', second]) {
  const one = second !== undefined && ONES[first];
  if (!one) return first;
  return second === 'new' && one !== 'secret' ? `new-${one}` : one;
}

/** Of what the pages show one. @type {Record<string, string>} */
const ONES = { secrets: 'secret', operations: 'operation', incidents: 'incident' };

function Page() {
  const { parts, path } = route.value;
  const name = pageOf(parts);
  const load = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  const page = useAsked(async () => ({ of: name, module: await load?.().catch(moved) }), [name]);
  if (load === undefined)
    return html`<${Title}>No such page<//><${Empty}>Nothing stands here. <a href=${BASE}>Home</a><//>`;
  const { of, module } = page.data ?? {};
  // Nor is the page before made anew for this address.
  const isHere = of === name && module !== undefined;
  // Another secret is another page: nothing of the one before stays.
  return html`
    ${!isHere && html`<${NoTitle} />`}
    <${Face} asked=${page}>${() => isHere && html`<${module.default} key=${path} parts=${parts} />`}<//>`;
}

/** @param {unknown} cause @returns {never} */
function moved(cause) {
  throw new Moved('A page of the console did not come.', { cause });
}

keepFocus();
await comeBack(route.value.parts);
const place = document.getElementById('console');
place?.replaceChildren();
if (place !== null) render(html`<${Shell}><${Page} /><//>`, place);
