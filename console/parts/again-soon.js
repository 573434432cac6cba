import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { readable } from '../words.js';

/**
 * Whoever was asked is too busy, and said for how long: it is asked again by itself, unless somebody stops that.
 * @param {{ words: string, seconds: number, onAgain: () => void }} props
 */
export function AgainSoon({ words, seconds, onAgain }) {
  const [isStopped, setStopped] = useState(false);
  useEffect(() => {
    if (isStopped) return undefined;
    const timer = setTimeout(onAgain, seconds * 1_000);
    return () => clearTimeout(timer);
  }, [isStopped]);
  return html`
    <p class="notice" role="alert">
      <span>${readable(words)}${!isStopped && ` Trying again in ${seconds} s.`}</span>
      ${!isStopped && html`<button type="button" onClick=${() => setStopped(true)}>Stop</button>`}
    </p>`;
}
