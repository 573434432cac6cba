import { useEffect, useState } from 'preact/hooks';
import { Refused } from '../api.js';
import { html } from '../html.js';
import { readable, when } from '../words.js';
import { Icon } from './icon.js';

/** @import { Asked } from '../asked.js' */

/**
 * What was asked for, or how far that is: it waits, was refused, or the service is gone. Old data stays, with its time.
 * @template T
 * @param {{ asked: Asked<T>, children: (data: T) => unknown }} props
 */
export function Face({ asked, children }) {
  const { data, error, at, again, waiting } = asked;
  if (data === undefined)
    return error === undefined || waiting
      ? html`<${Waiting} again=${again} />`
      : html`<${Problem} error=${error} again=${again} />`;
  return html`
    ${error !== undefined && html`<${Problem} error=${error} again=${again} />`}
    ${error !== undefined && at && html`<p class="hint">As of ${when(at)}.</p>`}
    ${children(data)}
  `;
}

/** Milliseconds after which somebody would like to know. */
const LONG_MS = 10_000;

/** Its look comes by itself, after a moment (parts.css). @param {{ again: () => void }} props */
function Waiting({ again }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  if (isLong)
    return html`<p class="notice" role="status"><${Icon} name="clock" /><span>No answer yet.</span> <button type="button" onClick=${again}>Retry</button></p>`;
  return html`<div class="waiting" role="status"><span class="asking">Asking AWS …</span><i></i><i></i><i></i></div>`;
}

/** Where it may help to ask for the same again: there, or nobody knows. @param {Refused} refused */
const mayRetry = ({ problem }) => problem === null || problem.retryable === true || (problem.status ?? 0) >= 500;

/** A refusal for people: what happened, and what to do. @param {{ error: unknown, again?: () => void }} props */
export function Problem({ error, again }) {
  if (!(error instanceof Refused)) return html`<${Broken} />`;
  const { problem } = error;
  if (problem === null) {
    return html`
      <div class="notice problem" role="alert">
        <${Icon} name="warning" />
        <div><strong>The service can’t be reached.</strong> <span>Is it running, and are you online?</span></div>
        ${again && html`<button type="button" onClick=${again}>Retry</button>`}
      </div>`;
  }
  const isHidden = problem.status === 403;
  return html`
    <div class="notice problem" role="alert">
      <${Icon} name="warning" />
      <div>
        <strong>${isHidden ? 'You may not do this.' : `${problem.title}.`}</strong> <span>${problem.detail && readable(problem.detail)}</span>
        <p class="hint">
          ${problem.type && html`<a href=${problem.type} target="_blank" rel="noreferrer">What to do</a>`}
          ${problem.requestId && html` <span>Request <code>${problem.requestId}</code></span>`}
        </p>
      </div>
      ${again && mayRetry(error) && html`<button type="button" onClick=${again}>Retry</button>`}
    </div>`;
}

/** No answer of the service: an error of this page, or a module of a release that is gone. */
const Broken = () => html`
  <div class="notice problem" role="alert">
    <${Icon} name="warning" />
    <div><strong>This page can’t be shown.</strong> <span>A newer release of the console may be here: reload.</span></div>
    <button type="button" onClick=${() => location.reload()}>Reload</button>
  </div>`;

/** @param {{ children: unknown }} props */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;
