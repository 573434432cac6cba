import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { isSignedIn, signIn, signInNeeded } from '../session.js';
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
        ${signInNeeded.value && html`<p class=${isSignedIn.value ? 'wrong' : 'hint'}>${signInNeeded.value}</p>`}
        <div class="field">
          <label for="credential">An API key, or a bearer token</label>
          <input id="credential" type="password" required autocomplete="off" spellcheck=${false} aria-describedby="credential-hint"
            value=${text} onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)} />
          <p class="hint" id="credential-hint">It stays in this tab, and is gone when you close it.</p>
        </div>
        <div class="buttons">
          <button type="button" onClick=${close}>Cancel</button>
          <button type="submit" class="primary">Sign in</button>
        </div>
      </form>
    <//>`;
}
