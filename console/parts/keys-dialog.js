import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { areKeysOn, KEYS, switchKeys } from '../keys.js';
import { Dialog } from './dialog.js';

/** @param {{ onClose: () => void }} props */
export function KeysDialog({ onClose }) {
  const [isOn, setOn] = useState(areKeysOn());
  const change = () => {
    switchKeys(!isOn);
    setOn(!isOn);
  };
  return html`
    <${Dialog} title="Keys" onClose=${onClose}>
      <dl class="keys">${KEYS.map(([key, words]) => html`<dt><kbd>${key}</kbd></dt><dd>${words}</dd>`)}</dl>
      <label class="tick"><input type="checkbox" checked=${isOn} onChange=${change} /><span>Single keys do something</span></label>
      <div class="buttons"><button type="button" onClick=${onClose}>Close</button></div>
    <//>`;
}
