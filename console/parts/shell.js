import { useEffect, useState } from 'preact/hooks';
import { api, ask } from '../api.js';
import { useAsked } from '../asked.js';
import { html } from '../html.js';
import { hotkeys } from '../keys.js';
import { BASE, route, to } from '../router.js';
import { isSignedIn, me, signInNeeded, signOut } from '../session.js';
import { nextTheme, theme } from '../theme.js';
import { waiting } from '../waiting.js';
import { whatWaits } from '../what-waits.js';
import { Dialog } from './dialog.js';
import { Face } from './face.js';
import { Find } from './find.js';
import { Icon } from './icon.js';
import { KeysDialog } from './keys-dialog.js';
import { SignIn } from './sign-in.js';
import { NoTitle } from './title.js';
import { Toasts } from './toast.js';

/** @import { Me } from '../session.js' */
/** @typedef {{ name: string, icon: string, words: string, may: (can: Me['capabilities']) => boolean }} Place */

/** Only where the caller may do something is led to. @type {Place[]} */
const PLACES = [
  { name: '', icon: 'home', words: 'Home', may: () => true },
  { name: 'secrets', icon: 'lock', words: 'Secrets', may: ({ list, look, estate }) => list || look || estate },
  { name: 'principals', icon: 'person', words: 'Principals', may: ({ estate }) => estate },
  { name: 'inbox', icon: 'inbox', words: 'Inbox', may: ({ approve, request, share }) => approve || request || share },
  { name: 'request', icon: 'ask', words: 'Ask', may: ({ request }) => request },
  { name: 'operations', icon: 'many', words: 'Operations', may: ({ bulk, audit }) => bulk || audit },
  { name: 'findings', icon: 'warning', words: 'Findings', may: ({ estate }) => estate },
  { name: 'incidents', icon: 'snowflake', words: 'Incidents', may: ({ incident, audit }) => incident || audit },
  { name: 'estate', icon: 'everyone', words: 'Estate', may: ({ estate }) => estate },
  { name: 'audit', icon: 'list', words: 'Audit', may: ({ audit }) => audit },
];

/** @param {Me} one @param {Me} other */
const isAnother = (one, other) => one.subject !== other.subject || one.issuer !== other.issuer;

/** What stands around every page. @param {{ children: unknown }} props */
export function Shell({ children }) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const { path, parts } = route.value;
  const mine = useAsked(async (signal) => {
    const seen = await ask(api.GET('/v1/me', { signal }));
    // Nothing that somebody else saw, or began, stays.
    if (me.value !== null && isAnother(seen, me.value)) location.reload();
    me.value = seen;
    return seen;
  }, []);
  const mayApprove = me.value?.capabilities.approve === true;
  // These two find it out themselves.
  const isToldThere = [undefined, 'inbox'].includes(parts[0]);
  useAsked(async (signal) => (mayApprove && !isToldThere ? whatWaits(signal) : null), [mayApprove]);
  useEffect(() => setMenuOpen(false), [path]);
  useEffect(() => hotkeys({ help: () => setHelpOpen(true) }), []);

  return html`
    <a class="skip" href="#main">Skip to the content</a>
    <header>
      <button type="button" class="menu" onClick=${() => setMenuOpen(true)}><${Icon} name="menu" />Menu</button>
      <a class="name" href=${BASE}><img src=${new URL('../look/logo.svg', import.meta.url).href} alt="" />Secret access</a>
      <${Find} />
      <a class="aside" href="/docs">API</a>
      <${Who} />
      <button type="button" class="quiet" onClick=${nextTheme}><${Icon} name="sun" />${theme.value}<span class="unseen"> theme</span></button>
    </header>
    <div class="frame">
      <${Places} className="rail" />
      <main id="main" tabindex="-1">${mine.data === undefined && html`<${NoTitle} />`}<${Face} asked=${mine}>${() => children}<//></main>
    </div>
    ${isMenuOpen && html`<${Dialog} title="Menu" onClose=${() => setMenuOpen(false)}><${Find} onDone=${() => setMenuOpen(false)} /><${Places} className="places" /><div class="buttons"><a href="/docs">API</a><${Who} /><button type="button" onClick=${() => setMenuOpen(false)}>Close</button></div><//>`}
    ${isHelpOpen && html`<${KeysDialog} onClose=${() => setHelpOpen(false)} />`}
    ${signInNeeded.value !== null && html`<${SignIn} />`}
    <${Toasts} />`;
}

/** @param {{ className: string }} props */
function Places({ className }) {
  const here = route.value.parts[0] ?? '';
  const can = me.value?.capabilities;
  return html`
    <nav class=${className} aria-label="Console">
      ${
        can &&
        PLACES.filter(({ may }) => may(can)).map(
          ({ name, icon, words }) => html`
          <a href=${name === '' ? BASE : to(name)} aria-current=${here === name ? 'page' : undefined}>
            <${Icon} name=${icon} />${words}
            ${name === 'inbox' && waiting.value.count > 0 && html`<span class="count">${waiting.value.count}${waiting.value.isPart && '+'}<span class="unseen"> waiting</span></span>`}
          </a>`,
        )
      }
    </nav>`;
}

function Who() {
  const { value } = me;
  return html`
    <span class="who-am-i">
      ${value && html`<${Icon} name="person" /><span>${value.subject}</span>`}
      ${
        isSignedIn.value
          ? html`<button type="button" class="quiet" onClick=${signOut}>Sign out</button>`
          : value === null && html`<button type="button" onClick=${() => (signInNeeded.value = '')}>Sign in</button>`
      }
    </span>`;
}
