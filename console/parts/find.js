import { useId, useState } from 'preact/hooks';
import { html } from '../html.js';
import { go, to } from '../router.js';
import { me } from '../session.js';

/** A secret by a part of its name, from every page. @param {{ onDone?: () => void }} props */
export function Find({ onDone }) {
  const id = useId();
  const [text, setText] = useState('');
  const can = me.value?.capabilities;
  if (!(can?.list || can?.look || can?.estate)) return null;
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go(`${to('secrets')}?text=${encodeURIComponent(text.trim())}`);
    setText('');
    onDone?.();
  };
  return html`
    <form class="find" onSubmit=${submit}>
      <label class="unseen" for=${id}>Find a secret</label>
      <input id=${id} type="search" placeholder="Find a secret" value=${text}
        onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)} />
    </form>`;
}
