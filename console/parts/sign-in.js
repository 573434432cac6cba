import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { isSignedIn, signIn, signInNeeded } from '../session.js';
import { issuer, leave, mayLeave } from '../sign-in.js';
import { Dialog } from './dialog.js';

/** Over whatever was there: what was typed below stays. */
export function SignIn() {
  const [text, setText] = useState('');
  const close = () => {
    signInNeeded.value = null;
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    signIn(text);
  };
  return html`
    <${Dialog} title="Who are you?" onClose=${close}>
      <form onSubmit=${submit}>
        ${signInNeeded.value && html`<p role="alert" class=${isSignedIn.value ? 'wrong' : 'hint'}>${signInNeeded.value}</p>`}
        ${
          issuer !== null &&
          html`
          <div class="field">
            <button type="button" class="primary" disabled=${!mayLeave} onClick=${leave}>Sign in with ${new URL(issuer.issuer).host}</button>
            ${!mayLeave && html`<p class="hint">Browsers sign in with others from https addresses only.</p>`}
          </div>`
        }
        <div class="field">
          <label for="credential">${issuer === null ? 'An API key, or a bearer token' : 'Or paste a bearer token'}</label>
          <input id="credential" type="password" required autocomplete="off" spellcheck=${false} aria-describedby="credential-hint"
            value=${text} onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)} />
          <p class="hint" id="credential-hint">It stays in this tab, and is gone when you close it.</p>
        </div>
        <div class="buttons">
          <button type="button" onClick=${close}>Cancel</button>
          <button type="submit" class=${issuer === null ? 'primary' : ''}>Sign in</button>
        </div>
      </form>
    <//>`;
}
